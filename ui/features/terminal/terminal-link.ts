/** Links in a terminal are text of a machine that may be hostile: only plain web addresses are followed. */
export function webAddress(text: string): string | null {
  const url = URL.parse(text);
  if (!url || (url.protocol !== "http:" && url.protocol !== "https:")) return null;
  // `https://bank.example@evil.example` reads as the bank.
  return url.username === "" && url.password === "" ? url.href : null;
}

/** Titles are shown as text: without control characters and direction marks, and short. */
export function titleText(title: string): string {
  return title.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "").slice(0, 80);
}
