/** What was chosen in the palette last, in this tab. */
const STORAGE_KEY = "twarga-palette-recent";

export function readRecent(): readonly string[] {
  try {
    return sessionStorage.getItem(STORAGE_KEY)?.split(" ").filter(Boolean) ?? [];
  } catch {
    return [];
  }
}

export function writeRecent(recent: readonly string[]): void {
  try {
    sessionStorage.setItem(STORAGE_KEY, recent.join(" "));
  } catch {
    // Storage is switched off: the order is as given.
  }
}
