/** Waits for a fact, looking every few milliseconds, and names it when it does not come. */
const LOOK_EVERY_MS = 5;

export async function waitUntil(
  isTrue: () => boolean | Promise<boolean>,
  withinMs: number,
  what: string,
): Promise<void> {
  const deadlineMs = Date.now() + withinMs;
  while (!(await isTrue())) {
    if (Date.now() > deadlineMs) throw new Error(`${what} did not come within ${withinMs} ms`);
    await Bun.sleep(LOOK_EVERY_MS);
  }
}
