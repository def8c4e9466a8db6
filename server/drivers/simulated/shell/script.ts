/** Pure rules about typed text: is it a whole script yet, and is it something the shell itself must do? */
import { parse } from "just-bash";

/** What a person typed that cannot go through the interpreter, because it lasts or ends the shell. */
export type LiveCommand =
  | { readonly kind: "exit"; readonly exitCode: number | null }
  | { readonly kind: "program"; readonly name: "yes" | "ping"; readonly args: readonly string[] };

/** True when more lines must follow: an open quote, a block without its end, a here-document. */
export function isIncomplete(script: string): boolean {
  if (/(^|[^\\])(\\\\)*\\$/.test(script) || /(\||&&)\s*$/.test(script)) return true;
  if (hasOpenHereDocument(script)) return true;
  try {
    parse(script);
    return false;
  } catch (error) {
    const message = error instanceof Error ? error.message : "";
    if (/unexpected EOF|got EOF/.test(message)) return true;
    // The parser closes an empty `then` body with the `fi` that has not been typed yet.
    return /unexpected token `fi'/.test(message) && !/\bfi\b/.test(script) && /\bif\b/.test(script);
  }
}

function hasOpenHereDocument(script: string): boolean {
  const lines = script.split("\n");
  const starts = lines.flatMap((line, n) =>
    [...line.matchAll(/(?<!<)<<-?\s*(['"]?)(\w+)\1/g)].map((match) => ({ n, word: match[2] })),
  );
  return starts.some(({ n, word }) => !lines.slice(n + 1).some((line) => line.trim() === word));
}

/** Only for a line without pipes, redirects or expansions; everything else is the interpreter's. */
export function liveCommandOf(script: string): LiveCommand | null {
  if (/[|&;<>()$`"'\\*?\n]/.test(script)) return null;
  const [name, ...args] = script.trim().split(/\s+/);
  if (name === "exit" || name === "logout") {
    const code = args[0] === undefined ? null : Number(args[0]);
    return args.length <= 1 && (code === null || Number.isInteger(code))
      ? { kind: "exit", exitCode: code === null ? null : code & 0xff }
      : null;
  }
  return name === "yes" || name === "ping" ? { kind: "program", name, args } : null;
}
