/** JSON from outside, made safe: bounded depth, no doubled member, no member that reaches a prototype. */

/** Deeper than any input of the command table; keeps every walk over a value far from the stack's end. */
const MAX_DEPTH = 32;
const FORBIDDEN_KEYS: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"]);

const QUOTE = 34;
const COLON = 58;
const BACKSLASH = 92;
const OPEN_BRACKET = 91;
const CLOSE_BRACKET = 93;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;

export type JsonResult = { readonly ok: true; readonly value: unknown } | { readonly ok: false };

const BROKEN: JsonResult = { ok: false };

/** `JSON.parse` keeps the last of two equal members, so what was checked need not be what another reader sees. */
export function parseJson(text: string): JsonResult {
  const members = countMembers(text);
  if (members === null) return BROKEN;
  try {
    const value: unknown = JSON.parse(text);
    return countKeys(value) === members ? { ok: true, value } : BROKEN;
  } catch {
    return BROKEN;
  }
}

/** Members written in the text (a colon outside a string is one), or null when it nests too deep. */
function countMembers(text: string): number | null {
  let depth = 0;
  let members = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = endOfString(text, at + 1);
    else if (code === COLON) members += 1;
    else if (code === OPEN_BRACE || code === OPEN_BRACKET) {
      depth += 1;
      if (depth > MAX_DEPTH) return null;
    } else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) depth -= 1;
  }
  return members;
}

function endOfString(text: string, start: number): number {
  let at = start;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) return at;
    at += code === BACKSLASH ? 2 : 1;
  }
  return at;
}

/** Keys of all objects in the value, or -1 when one of them is forbidden. The depth is already bounded. */
function countKeys(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  let count = 0;
  if (Array.isArray(value)) {
    for (const item of value) {
      const inner = countKeys(item);
      if (inner < 0) return -1;
      count += inner;
    }
    return count;
  }
  const members = value as Readonly<Record<string, unknown>>;
  // `in` lists own members only here: what JSON.parse makes inherits nothing enumerable.
  for (const key in members) {
    const inner = FORBIDDEN_KEYS.has(key) ? -1 : countKeys(members[key]);
    if (inner < 0) return -1;
    count += inner + 1;
  }
  return count;
}
