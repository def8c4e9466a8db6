/** The escape of `vm ssh`. */
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { EscapeFilter } from "../../server/cli/vm/escape-filter.ts";

/** What gets through, when typed in these pieces. */
function typed(...pieces: string[]): { sent: string; left: boolean } {
  const filter = new EscapeFilter();
  let sent = "";
  for (const piece of pieces) {
    const { forward, leave } = filter.take(Buffer.from(piece, "latin1"));
    sent += Buffer.from(forward).toString("latin1");
    if (leave) return { sent, left: true };
  }
  return { sent, left: false };
}

describe("escape", () => {
  test("leaves on ~. at the start of a line, also the first", () => {
    expect(typed("~.")).toEqual({ sent: "", left: true });
    expect(typed("ls\r~.rest")).toEqual({ sent: "ls\r", left: true });
  });

  test("is an ordinary key anywhere else", () => {
    expect(typed("cd ~.x")).toEqual({ sent: "cd ~.x", left: false });
    expect(typed("a\r~/bin\r")).toEqual({ sent: "a\r~/bin\r", left: false });
  });

  test("types one tilde for two", () => {
    expect(typed("~~.")).toEqual({ sent: "~.", left: false });
  });

  test("gives the same for every way the keys are cut into pieces", () => {
    const key = fc.constantFrom("~", ".", "\r", "\n", "a", "\u0003");
    fc.assert(
      fc.property(fc.array(key, { maxLength: 12 }), fc.nat(12), (keys, cut) => {
        const text = keys.join("");
        expect(typed(text.slice(0, cut), text.slice(cut))).toEqual(typed(text));
        expect(typed(...keys)).toEqual(typed(text));
      }),
    );
  });
});
