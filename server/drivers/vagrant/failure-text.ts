/** What a failed run of Vagrant printed, cut down to what tells why: pure. */

/** A cause comes early and its consequences late: both ends are kept, the middle is what nobody reads. */
const FIRST_ERRORS_LIMIT = 2_000;
const TAIL_LIMIT = 6_000;

/** `/usr/lib/x.rb:12:in 'start'`, `from x.rb:12:in 'start'`, `... 12 levels...`: where Ruby was, not what went wrong. */
const frame = /^\s*(?:from\s.+:\d+(?::in [`'].*)?|\S+:\d+:in [`'][^`']*'|\.{3} \d+ levels\.{3})$/;
/** What Ruby says above the backtrace of a thread. */
const threadNote = /^#<Thread:.*> terminated with exception/;
/** The line that raised, in front of the message. */
const raisedAt = /^\s*\S+:\d+:in [`'][^`']*': /;

export function withoutBacktrace(text: string): string {
  return text
    .split(/\r?\n/)
    .filter((line) => !frame.test(line) && !threadNote.test(line))
    .map((line) => line.replace(raisedAt, ""))
    .join("\n");
}

export interface Printed {
  /** Counts what was let go from `tail`. */
  readonly length: number;
  readonly firstErrors: string;
  readonly tail: string;
}

export const nothingPrinted: Printed = { length: 0, firstErrors: "", tail: "" };

export function addPrinted(printed: Printed, stream: "info" | "error", text: string): Printed {
  const told = withoutBacktrace(text).trimEnd();
  if (told === "") return printed;
  const { length, firstErrors, tail } = printed;
  return {
    length: length + told.length + 1,
    firstErrors: stream === "error" ? `${firstErrors}${told}\n`.slice(0, FIRST_ERRORS_LIMIT) : firstErrors,
    tail: `${tail}${told}\n`.slice(-TAIL_LIMIT),
  };
}

export function failureText({ length, firstErrors, tail }: Printed): string {
  const isCut = length > tail.length;
  return (isCut && firstErrors !== "" ? `${firstErrors.trim()}\n...\n${tail}` : tail).trim();
}
