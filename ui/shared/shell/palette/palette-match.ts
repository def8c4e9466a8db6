/** Which entries of the palette fit what was typed, best first; pure. */

export interface Matchable {
  readonly id: string;
  readonly label: string;
  /** Other words one may look for. */
  readonly words?: string;
}

/** How well a letter sits: at the start of a word, right after the one before, or anywhere. */
const WORD_START = 8;
const ADJACENT = 5;
const ANYWHERE = 1;
/** Letters in the label count more than those in other words. */
const LABEL_FACTOR = 2;
/** The name of a VM opens it; an action has to be named, for Enter comes quickly. */
const LABEL_START = 6;

const isBoundary = (text: string, at: number) => at === 0 || /[\s\-.:/]/.test(text[at - 1] ?? "");

/** Null when the letters of `word` do not occur in this order; higher is better. */
export function scoreOf(word: string, text: string): number | null {
  const lower = text.toLowerCase();
  let score = 0;
  let from = 0;
  for (const letter of word.toLowerCase()) {
    const next = lower.indexOf(letter, from);
    if (next < 0) return null;
    // A later start of a word beats the nearest letter.
    const atWord = [...lower.matchAll(/[a-z0-9]+/g)]
      .map(({ index }) => index)
      .find((index) => index >= from && lower[index] === letter);
    const isNear = next === from && from > 0;
    const at = isNear ? next : (atWord ?? next);
    score += isNear ? ADJACENT : isBoundary(lower, at) ? WORD_START : ANYWHERE;
    from = at + 1;
  }
  return score;
}

/** Each word of the query may fit at another place. */
function bestScore(query: string, entry: Matchable): number | null {
  let sum = 0;
  for (const word of query.trim().split(/\s+/)) {
    const inLabel = scoreOf(word, entry.label);
    const score = inLabel === null ? scoreOf(word, entry.words ?? "") : inLabel * LABEL_FACTOR;
    if (score === null) return null;
    sum += score + (entry.label.toLowerCase().startsWith(word.toLowerCase()) ? LABEL_START : 0);
  }
  return sum;
}

/** Without a query: what was used last first, then as given. */
export function rank<E extends Matchable>(
  entries: readonly E[],
  query: string,
  recent: readonly string[],
): readonly E[] {
  const place = (entry: E) => {
    const index = recent.indexOf(entry.id);
    return index < 0 ? recent.length : index;
  };
  if (query.trim() === "") return [...entries].sort((a, b) => place(a) - place(b));
  return entries
    .flatMap((entry) => {
      const score = bestScore(query, entry);
      return score === null ? [] : [{ entry, score }];
    })
    .sort((a, b) => b.score - a.score || place(a.entry) - place(b.entry))
    .map(({ entry }) => entry);
}

const KEPT_RECENT = 8;

export function withRecent(recent: readonly string[], id: string): readonly string[] {
  return [id, ...recent.filter((other) => other !== id)].slice(0, KEPT_RECENT);
}
