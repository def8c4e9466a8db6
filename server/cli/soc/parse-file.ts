/** A file of log lines to JSON lines on stdout, in bounded memory whatever its size. */
import { once } from "node:events";
import { AttemptCounter, SshLineParser, type SshRecord } from "../../features/soc/parse/index.ts";
import { CliError } from "../exit.ts";

const FIRST_LINES = 20_000;
/** Output is written in pieces of about this many characters. */
const CHUNK_LENGTH = 262_144;
/** A line is kept up to this length; what follows is dropped until its end. */
const MAX_LINE_LENGTH = 65_536;

export async function parseFile(path: string, year: number | undefined): Promise<void> {
  const file = path === "-" ? Bun.stdin : Bun.file(path);
  let line = 0;
  let output = "";
  const counter = new AttemptCounter({
    order: "lines",
    onRecord: (record) => {
      line += 1;
      output += `${jsonOf(record, line)}\n`;
    },
  });
  const parser = new SshLineParser({ year, now: Date.now() });
  const first = new FirstPart(counter);
  const splitter = new LineSplitter((text) => first.push(parser.parse(text)));
  const decoder = new TextDecoder();
  const write = async (isLast: boolean) => {
    if (output.length < CHUNK_LENGTH && !isLast) return;
    const piece = output;
    output = "";
    if (!process.stdout.write(piece)) await once(process.stdout, "drain");
  };
  try {
    for await (const bytes of file.stream()) {
      splitter.push(decoder.decode(bytes, { stream: true }));
      await write(false);
    }
  } catch (error) {
    // The reader has what it wanted: `| head`.
    if (isBrokenPipe(error)) return;
    throw readError(path, error);
  }
  splitter.push(decoder.decode());
  splitter.end();
  first.end();
  counter.flush();
  await write(true).catch((error: unknown) => {
    if (!isBrokenPipe(error)) throw error;
  });
}

function isBrokenPipe(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "EPIPE";
}

function readError(path: string, error: unknown): CliError {
  const reason = error instanceof Error ? error.message : String(error);
  return new CliError("not_found", `${path} cannot be read: ${reason}`);
}

/** Field by field in this order: scripts may rely on it. */
function jsonOf(record: SshRecord, line: number): string {
  const { kind, user, source, port, method, timeMs, attempts } = record;
  const time = timeMs === null ? null : new Date(timeMs).toISOString();
  return JSON.stringify({ line, kind, user, source, port, method, time, attempts });
}

/** The counter sees the first part of a file twice, so that it knows what each host writes before it judges. */
class FirstPart {
  readonly #counter: AttemptCounter;
  #records: SshRecord[] | null = [];

  constructor(counter: AttemptCounter) {
    this.#counter = counter;
  }

  push(record: SshRecord): void {
    if (this.#records === null) return this.#counter.push(record);
    this.#counter.learn(record);
    this.#records.push(record);
    if (this.#records.length === FIRST_LINES) this.end();
  }

  end(): void {
    const records = this.#records ?? [];
    this.#records = null;
    for (const record of records) this.#counter.push(record);
  }
}

/** Text in pieces to lines. */
export class LineSplitter {
  readonly #onLine: (text: string) => void;
  #rest = "";

  constructor(onLine: (text: string) => void) {
    this.#onLine = onLine;
  }

  push(text: string): void {
    let start = 0;
    for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", start)) {
      const piece = text.substring(start, end);
      if (this.#rest === "") this.#onLine(piece);
      else {
        const whole = this.#rest + piece;
        this.#rest = "";
        this.#onLine(whole);
      }
      start = end + 1;
    }
    if (this.#rest.length < MAX_LINE_LENGTH) this.#rest += text.substring(start);
    // A piece of a line that is given up stays as its mark, so that the line is still one line.
  }

  /** A last line without a line feed. */
  end(): void {
    if (this.#rest !== "") this.#onLine(this.#rest);
    this.#rest = "";
  }
}
