/** What a session runs in, in words a person knows; the text of a browser is long and lies about its ancestors. */

/** In this order: the later ones name themselves in the texts of the earlier ones. */
const programs = [
  [/\bEdg(?:e|A|iOS)?\/\d/, "Edge"],
  [/\b(?:OPR|Opera)\/\d/, "Opera"],
  [/\b(?:Firefox|FxiOS)\/\d/, "Firefox"],
  [/\b(?:HeadlessChrome|Chrome|CriOS|Chromium)\/\d/, "Chrome"],
  [/\bVersion\/[\d.]+.*\bSafari\/\d/, "Safari"],
  [/^twarga\b/i, "Twarga command line"],
  [/^curl\/\d/, "curl"],
] as const;

const systems = [
  [/\bAndroid\b/, "Android"],
  [/\b(?:iPhone|iPad)\b/, "iOS"],
  [/\bWindows\b/, "Windows"],
  [/\bMac OS X\b/, "macOS"],
  [/\bCrOS\b/, "ChromeOS"],
  [/\bLinux\b/, "Linux"],
] as const;

const nameIn = (list: readonly (readonly [RegExp, string])[], text: string) =>
  list.find(([pattern]) => pattern.test(text))?.[1] ?? null;

/** "Firefox on Linux"; the text itself, cut, for what nobody knows. */
export function describeUserAgent(text: string): string {
  const program = nameIn(programs, text);
  const system = nameIn(systems, text);
  if (program === null) return text.trim() === "" ? "Unknown program" : text.trim().slice(0, 40);
  return system === null ? program : `${program} on ${system}`;
}
