/** Runs what is no command but comes from outside, and turns whatever it throws into an error for the wire. */
import type { WireError } from "#protocol";
import { AppError, toWireError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";

export type Attempt<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: WireError };

export function attempt<T>(log: Log, what: string, run: () => T): Attempt<T> {
  try {
    return { ok: true, value: run() };
  } catch (thrown) {
    return failed(log, what, thrown);
  }
}

export async function attemptAsync<T>(log: Log, what: string, run: () => Promise<T>): Promise<Attempt<T>> {
  try {
    return { ok: true, value: await run() };
  } catch (thrown) {
    return failed(log, what, thrown);
  }
}

function failed(log: Log, what: string, thrown: unknown): { readonly ok: false; readonly error: WireError } {
  const error = toWireError(thrown);
  if (thrown instanceof AppError && error.code !== "internal")
    log.info({ what, code: error.code }, "refused");
  else log.error({ what, err: thrown }, "failed");
  return { ok: false, error };
}
