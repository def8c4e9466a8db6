/** What a start-up script printed: streamed line by line, and the end of it kept. */
import type { DriverRun } from "./vm-driver.ts";

/** As `StartupResult.output` promises. */
const KEPT_BYTES = 64 * 1024;

export interface StartupOutput {
  line(stream: "info" | "error", text: string): void;
  text(): string;
}

export function createStartupOutput(run: DriverRun): StartupOutput {
  let kept = "";
  return {
    line(stream, text) {
      run.output(stream, text);
      // Characters first, which is cheap; bytes are counted once at the end.
      kept = `${kept}${text}\n`.slice(-KEPT_BYTES);
    },
    text: () => endOf(kept),
  };
}

function endOf(text: string): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= KEPT_BYTES) return text;
  let start = bytes.length - KEPT_BYTES;
  // Never in the middle of a character: continuation bytes begin with 10.
  while (((bytes[start] ?? 0) & 0xc0) === 0x80) start++;
  return bytes.subarray(start).toString();
}
