/** Hashes passwords behind a bounded queue: hashing is meant to be slow, so a flood must meet a refusal, not a pile. */
import { availableParallelism } from "node:os";
import PQueue from "p-queue";
import { AppError } from "../../core/errors.ts";

/** OWASP's minimum for argon2id: 19 MiB and 2 passes, about 40 to 100 ms of one core. */
const COST = { algorithm: "argon2id", memoryCost: 19_456, timeCost: 2 } as const;
/** One core stays free for everybody who is already logged in. */
const PARALLEL = Math.max(1, availableParallelism() - 1);
/** A class that logs in at once fits; the last of them waits about 5 s. */
const MAX_WAITING = 60;
const RETRY_AFTER_MS = 3_000;

export interface PasswordHasher {
  hash(password: string): Promise<string>;
  /** A null hash (unknown user) costs the same as a real one and is never right. */
  verify(password: string, hash: string | null): Promise<boolean>;
}

export interface HasherLimits {
  readonly parallel: number;
  readonly maxWaiting: number;
}

/** The same password typed on two keyboards may reach us in two Unicode forms (NIST SP 800-63B 5.1.1.2). */
const normalized = (password: string) => password.normalize("NFKC");

export function createPasswordHasher(
  limits: HasherLimits = { parallel: PARALLEL, maxWaiting: MAX_WAITING },
): PasswordHasher {
  const queue = new PQueue({ concurrency: limits.parallel });
  // Of a random password: nobody can guess their way into an account that does not exist.
  const dummy = Bun.password.hash(crypto.randomUUID(), COST);

  async function queued<T>(work: () => Promise<T>): Promise<T> {
    if (queue.size >= limits.maxWaiting)
      throw new AppError("unavailable", "Too many people log in at this moment; try again shortly", {
        retryAfterMs: RETRY_AFTER_MS,
      });
    return queue.add(work);
  }

  return {
    hash: (password) => queued(() => Bun.password.hash(normalized(password), COST)),
    verify: (password, hash) =>
      queued(async () => {
        const right = await Bun.password.verify(normalized(password), hash ?? (await dummy));
        return right && hash !== null;
      }),
  };
}
