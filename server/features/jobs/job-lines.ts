/** Turns what a tool printed into lines that are safe to store and to show. */

/** Longest line kept; nobody reads further, and one line must not fill a frame. */
export const MAX_LINE_CHARS = 2_000;

/** All control characters but the tab. */
// oxlint-disable-next-line no-control-regex
const controls = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

/** Lines of `text`: escape sequences gone, progress bars reduced to their last state, long lines cut, blank ones left out. */
export function cleanLines(text: string): string[] {
  return text.split("\n").map(cleanLine).filter(Boolean);
}

function cleanLine(raw: string): string {
  const drawn = raw.replace(/\r+$/, "");
  const line = Bun.stripANSI(drawn.slice(drawn.lastIndexOf("\r") + 1))
    .replace(controls, "")
    .trimEnd();
  return line.length > MAX_LINE_CHARS ? `${line.slice(0, MAX_LINE_CHARS - 1)}…` : line;
}

const plainArgument = /^[\w@%+=:,./-]+$/;
const MAX_COMMAND_LINE = 4_000;

/** As one could type it in a POSIX shell. */
export function commandLineOf(argv: readonly string[]): string {
  const words = argv.map((word) => (plainArgument.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`));
  const [line = ""] = cleanLines(words.join(" ").replaceAll("\n", " "));
  return line.slice(0, MAX_COMMAND_LINE);
}
