/** Which keys do what, and what a key means after the one before; pure. */

export const shortcuts = [
  { keys: ["g", "d"], deed: "dashboard", label: "Go to VMs", group: "Go to" },
  { keys: ["g", "h"], deed: "monitor", label: "Go to the host", group: "Go to" },
  { keys: ["g", "j"], deed: "jobs", label: "Go to jobs", group: "Go to" },
  { keys: ["g", "a"], deed: "admin", label: "Go to the overview", group: "Administration" },
  { keys: ["g", "u"], deed: "admin-users", label: "Go to users", group: "Administration" },
  { keys: ["g", "v"], deed: "admin-vms", label: "Go to all VMs", group: "Administration" },
  { keys: ["n"], deed: "create", label: "Create a VM", group: "Do" },
  { keys: ["/"], deed: "filter", label: "Filter what the page shows", group: "Do" },
  { keys: ["?"], deed: "help", label: "Show this help", group: "Do" },
] as const;
export type ShortcutDeed = (typeof shortcuts)[number]["deed"] | "palette";

/** Keys that other parts of the page answer to; told here, not handled. */
export const otherKeys = [
  { keys: ["↑", "↓"], label: "Next and previous row of a table" },
  { keys: ["Space"], label: "Select the row; with Shift a range" },
  { keys: ["Enter"], label: "Open the row" },
  { keys: ["Esc"], label: "Close what lies over the page" },
] as const;

/** How long the first key of two waits for the second. */
const SEQUENCE_MS = 1_200;

export interface KeyPress {
  readonly key: string;
  readonly atMs: number;
  readonly hasCtrl: boolean;
  readonly hasMeta: boolean;
  readonly hasAlt: boolean;
  /** Where the focus is; in the terminal every key belongs to the VM. */
  readonly place: "page" | "field" | "terminal" | "dialog";
}

export interface Pending {
  readonly key: string;
  readonly atMs: number;
}

export interface KeyPlan {
  readonly deed: ShortcutDeed | null;
  readonly pending: Pending | null;
}

const NOTHING: KeyPlan = { deed: null, pending: null };

/** Ctrl-K deletes to the end of the line in a shell, so only the Command key may take it there. */
function isPaletteKey({ key, hasCtrl, hasMeta, hasAlt, place }: KeyPress): boolean {
  if (key.toLowerCase() !== "k" || hasAlt) return false;
  return hasMeta || (hasCtrl && place !== "terminal");
}

export function planKey(press: KeyPress, pending: Pending | null): KeyPlan {
  if (isPaletteKey(press)) return { deed: "palette", pending: null };
  if (press.place !== "page" || press.hasCtrl || press.hasMeta || press.hasAlt) return NOTHING;
  const isFresh = pending !== null && press.atMs - pending.atMs <= SEQUENCE_MS;
  const typed = isFresh ? [pending.key, press.key] : [press.key];
  const found = shortcuts.find(({ keys }) => keys.join(" ") === typed.join(" "));
  if (found) return { deed: found.deed, pending: null };
  const isStart = shortcuts.some(({ keys }) => keys.length > 1 && keys[0] === press.key);
  return { deed: null, pending: isStart ? { key: press.key, atMs: press.atMs } : null };
}
