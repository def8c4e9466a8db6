/** Sizes of a terminal in character cells: what is allowed, and whose size counts. */
export interface TerminalSize {
  readonly cols: number;
  readonly rows: number;
}

/** The limits of `terminal.open` and `terminal.resize`. */
const bounds = { minCols: 2, maxCols: 500, minRows: 1, maxRows: 200 } as const;

export const standardSize: TerminalSize = { cols: 80, rows: 24 };

/** A size the server accepts; what is no number becomes the standard size. */
export function clampSize({ cols, rows }: TerminalSize): TerminalSize {
  if (!Number.isFinite(cols) || !Number.isFinite(rows)) return standardSize;
  return {
    cols: Math.min(bounds.maxCols, Math.max(bounds.minCols, Math.floor(cols))),
    rows: Math.min(bounds.maxRows, Math.max(bounds.minRows, Math.floor(rows))),
  };
}

export function isSameSize(a: TerminalSize, b: TerminalSize): boolean {
  return a.cols === b.cols && a.rows === b.rows;
}

/**
 * After joining a shell: a lone viewer brings its own size. With others it takes theirs,
 * because two windows that each insist would resize the program for ever.
 */
export function shouldBringSize(shell: TerminalSize & { viewers: number }, fitting: TerminalSize): boolean {
  return shell.viewers <= 1 && !isSameSize(shell, fitting);
}
