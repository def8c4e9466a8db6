/** Keys that belong to the page and not to the shell. */
export type TerminalShortcut = "copy" | "paste" | "search" | "leave";

interface KeyPress {
  readonly type: string;
  readonly code: string;
  readonly ctrlKey: boolean;
  readonly shiftKey: boolean;
  readonly altKey: boolean;
  readonly metaKey: boolean;
}

/** By place on the keyboard, so that they work in every layout. */
const shortcuts: Readonly<Record<string, TerminalShortcut>> = {
  KeyC: "copy",
  KeyV: "paste",
  KeyF: "search",
  // Tab and Escape belong to the shell: without a way out the terminal would be a trap for keyboard users.
  KeyE: "leave",
};

export function shortcutOf(key: KeyPress): TerminalShortcut | null {
  if (key.type !== "keydown" || !key.ctrlKey || !key.shiftKey || key.altKey || key.metaKey) return null;
  return shortcuts[key.code] ?? null;
}
