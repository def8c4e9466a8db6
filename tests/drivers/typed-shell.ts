/** A terminal of a VM as a person uses it: type a line, read the answer. */
import type { TerminalStream, VmDriver, VmRef } from "../../server/drivers/vm-driver.ts";

/** Polls until `fact` holds; fails by name after `timeoutMs`. */
export async function until(
  timeoutMs: number,
  what: string | (() => string),
  fact: () => boolean | Promise<boolean>,
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!(await fact())) {
    if (performance.now() > deadline)
      throw new Error(`not within ${timeoutMs} ms: ${typeof what === "string" ? what : what()}`);
    await Bun.sleep(10);
  }
}

export class TypedShell {
  bytes = 0;
  /** The newest output; enough for any answer, bounded for floods. */
  text = "";
  #stream: TerminalStream | null = null;
  #marker = 0;
  readonly #decoder = new TextDecoder();

  private constructor(private readonly answerMs: number) {}

  /** Opens a shell and waits until it answers. */
  static async open(driver: VmDriver, ref: VmRef, answerMs: number): Promise<TypedShell> {
    const shell = new TypedShell(answerMs);
    shell.#stream = await driver.openTerminal(ref, { cols: 80, rows: 24 }, (bytes) => shell.#take(bytes));
    // Typed input may be discarded while a login shell sets up its tty, so the prompt comes first.
    await until(answerMs, "a prompt", () => /[$#%>]\s*$/.test(Bun.stripANSI(shell.text)));
    return shell;
  }

  get stream(): TerminalStream {
    if (!this.#stream) throw new Error("not open");
    return this.#stream;
  }

  #take(bytes: Uint8Array): void {
    this.bytes += bytes.length;
    this.text = (this.text + this.#decoder.decode(bytes, { stream: true })).slice(-32_768);
  }

  type(text: string): void {
    this.stream.write(new TextEncoder().encode(text));
  }

  /** Types one line and waits for an output that matches, between two marks that the echo of the line cannot fake. */
  async answer(line: string, pattern: RegExp): Promise<string> {
    const mark = `m${++this.#marker}`;
    this.type(`echo ${mark}-"be"gin; ${line}; echo ${mark}-"en"d\r`);
    const between = new RegExp(`${mark}-begin\\r?\\n([\\s\\S]*?)${mark}-end`);
    await until(
      this.answerMs,
      () => `an answer to "${line}"; the screen ends with:\n${this.text.slice(-600)}`,
      () => between.test(this.text),
    );
    const answer = between.exec(this.text)?.[1] ?? "";
    if (!pattern.test(answer))
      throw new Error(`"${line}" answered ${JSON.stringify(answer)}, not ${pattern}`);
    return answer;
  }

  /** Waits until nothing has come for a moment; gives the byte count then. */
  async settle(): Promise<number> {
    let before = -1;
    await until(this.answerMs, "silence", async () => {
      if (before === this.bytes) return true;
      before = this.bytes;
      await Bun.sleep(250);
      return before === this.bytes;
    });
    return this.bytes;
  }
}
