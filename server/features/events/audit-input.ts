/** The input of a command as the audit log keeps it: secrets blanked by the name of their key, long text cut. */

/** Whole rosters are secret too: they hold the names and addresses of a class. */
const SECRET_KEY = /password|token|secret|csv|^code$|recoverycodes/i;
const BLANK = "[removed]";
/** A start-up script or a note shows what it is by its beginning. */
const MAX_TEXT = 500;
const MAX_ITEMS = 500;
/** Inputs of our commands have three levels. */
const MAX_DEPTH = 6;
const MAX_JSON = 8_000;

function blank(value: unknown, depth: number): unknown {
  if (typeof value === "string") return value.length > MAX_TEXT ? `${value.slice(0, MAX_TEXT)}...` : value;
  if (typeof value !== "object" || value === null) return value;
  if (depth >= MAX_DEPTH) return "...";
  if (Array.isArray(value)) return value.slice(0, MAX_ITEMS).map((item) => blank(item, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key.slice(0, MAX_TEXT),
      SECRET_KEY.test(key) ? BLANK : blank(item, depth + 1),
    ]),
  );
}

/** `input` is whatever was sent: a refused one is kept as well. */
export function auditInput(input: unknown): string {
  const json = JSON.stringify(blank(input, 0)) ?? "null";
  return json.length > MAX_JSON ? JSON.stringify(`${json.slice(0, MAX_JSON)}...`) : json;
}
