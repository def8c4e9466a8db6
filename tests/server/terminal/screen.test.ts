/** The server's screen: what it restores is what a viewer saw. */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { SerializeAddon } from "@xterm/addon-serialize";
import { Unicode11Addon } from "@xterm/addon-unicode11";
import { Terminal } from "@xterm/headless";
import {
  array,
  assert,
  asyncProperty,
  constantFrom,
  integer,
  oneof,
  property,
  string,
  tuple,
} from "fast-check";
import { systemClock } from "../../../server/core/clock.ts";
import { lookAt, skipFlood } from "../../../server/features/terminal/plain-flood.ts";
import { Screen } from "../../../server/features/terminal/screen.ts";

// Machines that test are busy; a fact that fails does so by its own deadline.
setDefaultTimeout(30_000);

const size = { cols: 40, rows: 8 };
/** In chunks of an odd size, as they come. */
const chunksOf = (bytes: Uint8Array, chunkBytes = 997) =>
  Array.from({ length: Math.ceil(bytes.length / chunkBytes) }, (_, n) =>
    lookAt(bytes.subarray(n * chunkBytes, (n + 1) * chunkBytes)),
  );
const bytesOf = (text: string) => new TextEncoder().encode(text);

async function drawn(scrollback: number, ...parts: Uint8Array[]): Promise<string> {
  const terminal = new Terminal({ ...size, scrollback, allowProposedApi: true, logLevel: "off" });
  const serializer = new SerializeAddon();
  terminal.loadAddon(serializer);
  terminal.loadAddon(new Unicode11Addon());
  terminal.unicode.activeVersion = "11";
  for (const part of parts) await new Promise<void>((done) => terminal.write(part, done));
  const text = serializer.serialize({ scrollback });
  terminal.dispose();
  return text;
}

function openScreen() {
  const replies: string[] = [];
  const screen = new Screen({
    size,
    clock: systemClock,
    reply: (bytes) => void replies.push(Buffer.from(bytes).toString()),
    pressure() {},
  });
  const snapshot = () => new Promise<Uint8Array>((take) => screen.snapshot(take));
  return { screen, replies, snapshot };
}

describe("skipping a flood of plain lines", () => {
  test("changes neither screen nor scrollback, wherever it is cut", async () => {
    const scrollback = 30;
    const word = oneof(string({ unit: constantFrom("a", "z", " ", "\t", "é", "日", "😀"), maxLength: 60 }));
    const before = constantFrom(
      "",
      "\u001b[31m",
      "\u001b[10;5H",
      "\u001b[?1049h",
      "\u001b[4h",
      "\u001b[?7l",
      "\u001b]0;x",
      "\u001b[3",
    );
    await assert(
      asyncProperty(
        before,
        array(word, { minLength: 200, maxLength: 260 }),
        word,
        async (start, lines, rest) => {
          const flood = bytesOf(`${lines.map((line) => `${line}xyz\r\n`).join("")}${rest}`);
          const kept = skipFlood(chunksOf(flood), scrollback + 2 * size.rows);
          if (!kept) return;
          const whole = await drawn(scrollback, bytesOf(start), flood);
          const cut = await drawn(scrollback, bytesOf(start), ...kept.map(({ bytes }) => bytes));
          expect(cut).toBe(whole);
        },
      ),
      { numRuns: 25 },
    );
  });

  test("never skips what could change the state of a terminal", () => {
    const control = constantFrom(
      "\u001b",
      "\u0007",
      "\u0008",
      "\u000e",
      "\u000f",
      "\u009b",
      "\u0000",
      "\u007f",
      "\u0018",
    );
    assert(
      property(tuple(integer({ min: 0, max: 399 }), control), ([at, key]) => {
        const lines = Array.from({ length: 400 }, (_, n) => `line ${n}${n === at ? key : ""}\r\n`);
        expect(skipFlood(chunksOf(bytesOf(lines.join(""))), 50)).toBeNull();
      }),
    );
    expect(skipFlood(chunksOf(bytesOf("a line\r\n".repeat(400))), 50)).not.toBeNull();
    expect(skipFlood(chunksOf(bytesOf("a line\n".repeat(400))), 50)).toBeNull();
  });
});

describe("the screen for late joiners", () => {
  test("looks the same on a fresh terminal, after a flood too", async () => {
    const { screen, snapshot } = openScreen();
    const flood = bytesOf(Array.from({ length: 100_000 }, (_, n) => `line ${n}\r\n`).join(""));
    const end = bytesOf("\u001b[1;32mgreen\u001b[0m 日本 tail");
    for (let at = 0; at < flood.length; at += 50_000) screen.write(flood.subarray(at, at + 50_000));
    screen.write(end);
    const restored = await drawn(5_000, await snapshot());
    expect(restored).toBe(await drawn(5_000, flood, end));
    screen.dispose();
  }, 20_000);

  test("holds exactly what was written before it was asked for", async () => {
    const { screen, snapshot } = openScreen();
    screen.write(bytesOf("before"));
    const asked = snapshot();
    screen.write(bytesOf("after"));
    expect(Buffer.from(await asked).toString()).toContain("before");
    expect(Buffer.from(await asked).toString()).not.toContain("after");
    expect(Buffer.from(await snapshot()).toString()).toContain("beforeafter");
    screen.dispose();
  });

  test.each([
    ["margins", "\u001b[3;6r\u001b[4;1H", "\n\n\n\nx"],
    ["an alternate screen", "\u001b[?1049h\u001b[2J\u001b[2;2Hvim", "x"],
    ["insert mode", "abc\u001b[1;1H\u001b[4h", "x"],
    ["a colour that is on", "\u001b[41mred", "x"],
    ["a full line in colour", `\u001b[44m${"x".repeat(40)}\u001b[31m`, "y"],
    ["a wide character at the edge", "\u001b[1;39H日", "x"],
    ["origin mode in margins", "\u001b[3;6r\u001b[?6h\u001b[2;2H", "x\n\n\n\n\ny"],
  ])("goes on as the first one does with %s", async (_what, before, after) => {
    const { screen, snapshot } = openScreen();
    const start = bytesOf(`one\r\ntwo\r\nthree\r\n${before}`);
    screen.write(start);
    expect(await drawn(100, await snapshot(), bytesOf(after))).toBe(await drawn(100, start, bytesOf(after)));
    screen.dispose();
  });

  test("brings back title, cursor and mouse encoding, and clears what was there", async () => {
    const { screen, snapshot } = openScreen();
    screen.write(bytesOf("\u001b]2;a\u0007\u001b[?25l\u001b[?1000h\u001b[?1006h\u001b[3 q"));
    const text = Buffer.from(await snapshot()).toString();
    expect(text.startsWith("\u001bc")).toBe(true);
    for (const part of ["\u001b]2;a\u001b\\", "\u001b[?25l", "\u001b[?1000h", "\u001b[?1006h", "\u001b[3 q"])
      expect(text).toContain(part);
    screen.write(bytesOf("\u001bc"));
    expect(Buffer.from(await snapshot()).toString()).not.toContain("?25l");
    screen.dispose();
  });

  test("asks nothing of the terminal that draws it, whatever a program printed", async () => {
    const { screen, replies, snapshot } = openScreen();
    screen.write(
      bytesOf(
        "\u001b[c\u001b[6n\u001bP$qm\u001b\\\u001b]52;c;aGk=\u0007\u001b]10;?\u0007\u001b[5n\u001b[>c\u001b[?2026$p",
      ),
    );
    const text = Buffer.from(await snapshot()).toString();
    expect(replies.length).toBe(7);
    const answers: string[] = [];
    const viewer = new Terminal({ ...size, allowProposedApi: true });
    viewer.onData((data) => void answers.push(data));
    await new Promise<void>((done) => viewer.write(text, done));
    expect(answers).toEqual([]);
    expect(text).not.toContain("]52;");
    screen.dispose();
    viewer.dispose();
  });
});
