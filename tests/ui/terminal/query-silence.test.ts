/** A viewer's terminal draws, but never answers a program's query. */
import { describe, expect, test } from "bun:test";
import { Terminal } from "@xterm/headless";
import { isTyping, silenceQueries } from "../../../ui/features/terminal/query-silence.ts";

const ESC = "\u001B";
const ST = `${ESC}\\`;

async function answersTo(text: string, isSilent: boolean): Promise<{ answers: string; screen: string }> {
  const terminal = new Terminal({ cols: 40, rows: 5, allowProposedApi: true });
  if (isSilent) silenceQueries(terminal.parser);
  let answers = "";
  terminal.onData((data) => (answers += data));
  await new Promise<void>((done) => terminal.write(text, done));
  const screen = terminal.buffer.active.getLine(0)?.translateToString(true) ?? "";
  terminal.dispose();
  return { answers, screen };
}

const queries: readonly (readonly [name: string, sequence: string])[] = [
  ["DA1", `${ESC}[c`],
  ["DA1 with 0", `${ESC}[0c`],
  ["DA2", `${ESC}[>c`],
  ["DA3", `${ESC}[=c`],
  ["status", `${ESC}[5n`],
  ["cursor position", `${ESC}[6n`],
  ["cursor position of DEC", `${ESC}[?6n`],
  ["colour scheme", `${ESC}[?996n`],
  ["ANSI mode", `${ESC}[4$p`],
  ["private mode", `${ESC}[?2026$p`],
  ["settings", `${ESC}P$qm${ST}`],
  ["scroll region setting", `${ESC}P$qr${ST}`],
  ["termcap", `${ESC}P+q544e${ST}`],
  ["version", `${ESC}[>q`],
  ["kitty keyboard", `${ESC}[?u`],
  ["terminal parameters", `${ESC}[x`],
  ["checksum", `${ESC}[1;1;1;1;5;5*y`],
  ["palette colour", `${ESC}]4;1;?${ST}`],
  ["two palette colours", `${ESC}]4;1;?;2;?${ST}`],
  ["text colour", `${ESC}]10;?${ST}`],
  ["text and background colour", `${ESC}]10;?;?${ST}`],
  ["background colour", `${ESC}]11;?\u0007`],
  ["cursor colour", `${ESC}]12;?\u0007`],
  ["clipboard", `${ESC}]52;c;?${ST}`],
  ["size in pixels", `${ESC}[14t`],
  ["cell size", `${ESC}[16t`],
  ["size in cells", `${ESC}[18t`],
  ["title", `${ESC}[21t`],
  ["DA1 in 8-bit form", "\u009Bc"],
];

describe("a viewer", () => {
  test.each(queries)("answers nothing to a query of the %s", async (_name, sequence) => {
    const { answers, screen } = await answersTo(`a${sequence}b`, true);
    expect(answers).toBe("");
    expect(screen).toBe("ab");
  });

  test("answers nothing to all of them at once, cut anywhere", async () => {
    const all = queries.map(([, sequence]) => sequence).join("");
    const terminal = new Terminal({ allowProposedApi: true });
    silenceQueries(terminal.parser);
    let answers = "";
    terminal.onData((data) => (answers += data));
    for (const character of all) terminal.write(character);
    await new Promise<void>((done) => terminal.write("", done));
    expect(answers).toBe("");
    terminal.dispose();
  });

  test("is what keeps them quiet: without it the terminal answers", async () => {
    expect((await answersTo(`${ESC}[c${ESC}[6n${ESC}[?2026$p`, false)).answers).not.toBe("");
  });

  test("still obeys sequences that act", async () => {
    const { screen } = await answersTo(`abc${ESC}[2D${ESC}[Px${ESC}[22;0t${ESC}]4;1;rgb:ff/00/00${ST}`, true);
    expect(screen).toBe("ax");
  });

  test("answers again after the silence is disposed", async () => {
    const terminal = new Terminal({ allowProposedApi: true });
    silenceQueries(terminal.parser).dispose();
    let answers = "";
    terminal.onData((data) => (answers += data));
    await new Promise<void>((done) => terminal.write(`${ESC}[5n`, done));
    expect(answers).toBe(`${ESC}[0n`);
    terminal.dispose();
  });
});

describe("typing", () => {
  test("is everything but a focus report made while drawing", () => {
    expect(isTyping(`${ESC}[I`, true)).toBe(false);
    expect(isTyping(`${ESC}[O`, true)).toBe(false);
    expect(isTyping(`${ESC}[I`, false)).toBe(true);
    expect(isTyping("ls", true)).toBe(true);
    expect(isTyping(`${ESC}[A`, true)).toBe(true);
  });
});
