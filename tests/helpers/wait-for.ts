/** Polls until something is true, and says what was awaited when it never is. */

export interface WaitOptions {
  readonly timeoutMs?: number;
  readonly everyMs?: number;
  /** Told when time is up; what was seen last, for the message. */
  readonly describe?: () => string;
}

/** The first value of `probe` that is neither false, null nor undefined. A throw counts as "not yet". */
export async function waitFor<T>(
  what: string,
  probe: () => T | Promise<T>,
  options: WaitOptions = {},
): Promise<Exclude<T, false | null | undefined>> {
  const { timeoutMs = 5_000, everyMs = 10 } = options;
  const deadline = performance.now() + timeoutMs;
  let lastError: unknown;
  for (;;) {
    try {
      const value = await probe();
      if (value !== false && value !== null && value !== undefined) {
        return value as Exclude<T, false | null | undefined>;
      }
      lastError = undefined;
    } catch (error) {
      lastError = error;
    }
    if (performance.now() > deadline) {
      const seen = options.describe ? `; last seen: ${options.describe()}` : "";
      throw new Error(`Waited ${timeoutMs} ms in vain for ${what}${seen}`, { cause: lastError });
    }
    await Bun.sleep(everyMs);
  }
}
