/** The recovery codes as a text to keep. */

export function recoverySheet(
  username: string,
  host: string,
  codes: readonly string[],
  madeAtMs: number,
): string {
  const day = new Date(madeAtMs).toISOString().slice(0, 10);
  return [
    `Recovery codes of ${username} at ${host}, made on ${day}`,
    "Each works once, in place of the code of the authenticator app.",
    "",
    ...codes,
    "",
  ].join("\n");
}
