/** Which typed bytes reach the line of a simulated shell. */
import { describe, expect, test } from "bun:test";
import { assert, constantFrom, property, string, uint8Array } from "fast-check";
import { KeyFilter } from "../../server/drivers/simulated/shell/key-filter.ts";

const bytesOf = (text: string) => new TextEncoder().encode(text);
const filtered = (...writes: string[]) => {
  const filter = new KeyFilter();
  return writes.map((text) => new TextDecoder().decode(filter.take(bytesOf(text)))).join("");
};

/** To "who are you" twice, "where is the cursor", "which colour", "which version", "which mode". */
const answers = [
  "\u001b[?1;2c",
  "\u001b[>0;276;0c",
  "\u001b[12;40R",
  "\u001b]10;rgb:dcdc/e1e1/ecec\u001b\\",
  "\u001b]11;rgb:1010/1313/1c1c\u0007",
  "\u001bP>|xterm.js(6.0.0)\u001b\\",
  "\u001b[?2026;2$y",
];

const keys = [
  "\u001b[A",
  "\u001b[1;5D",
  "\u001b[3~",
  "\u001b[200~",
  "\u001b[201~",
  "\u001bOP",
  "\u001bb",
  "\t",
];

describe("the keys of a simulated shell", () => {
  test.each(answers)("an answer of the terminal is no typing: %j", (answer) => {
    expect(filtered(`ls${answer} -l`)).toBe("ls -l");
  });

  test.each(keys)("a key is passed on: %j", (key) => {
    expect(filtered(`ls${key}`)).toBe(`ls${key}`);
  });

  test("an answer cut anywhere over writes is swallowed all the same", () => {
    for (const answer of answers)
      for (let cut = 0; cut <= answer.length; cut++)
        expect(filtered(`a${answer.slice(0, cut)}`, `${answer.slice(cut)}b`)).toBe("ab");
  });

  test("a key cut over writes is passed on", () => {
    expect(filtered("\u001b", "[", "1;5", "D")).toBe("\u001b[1;5D");
  });

  test("Ctrl-C and Enter count in the middle of a broken sequence", () => {
    expect(filtered("\u001b[12\u0003")).toBe("\u0003");
    expect(filtered("\u001b[12\rls")).toBe("\rls");
    expect(filtered("\u001b]10;rgb\rls")).toBe("\rls");
  });

  test("text without escapes passes whole, however it is cut", () => {
    const plain = string({ unit: "binary" }).filter((text) => !text.includes("\u001b"));
    assert(
      property(
        plain,
        plain,
        (one, two) => filtered(one, two) === new TextDecoder().decode(bytesOf(one)) + two,
      ),
    );
  });

  test("whatever came before, typing goes on after Ctrl-C", () => {
    assert(
      property(uint8Array({ maxLength: 64 }), constantFrom("ls", "echo"), (noise, word) => {
        const filter = new KeyFilter();
        filter.take(noise);
        filter.take(bytesOf("\u0003"));
        return new TextDecoder().decode(filter.take(bytesOf(word))) === word;
      }),
    );
  });
});
