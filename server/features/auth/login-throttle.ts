/** Slows guessing down without letting strangers lock anybody out. */
import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
import { AppError } from "../../core/errors.ts";
import { addressKey } from "./address-key.ts";

export interface ThrottleLimits {
  /** Wrong passwords from one address, whatever the account. A class behind one router must fit. */
  readonly address: { readonly points: number; readonly duration: number };
  /** Wrong passwords for one account from one address. */
  readonly pair: { readonly points: number; readonly duration: number };
  /** Wrong passwords for one account from all addresses it was never logged in from. */
  readonly strangers: { readonly points: number; readonly duration: number };
  /** New accounts from one address. */
  readonly register: { readonly points: number; readonly duration: number };
}

/** Durations in seconds. */
export const throttleLimits: ThrottleLimits = {
  address: { points: 100, duration: 300 },
  pair: { points: 8, duration: 300 },
  strangers: { points: 15, duration: 900 },
  register: { points: 200, duration: 3_600 },
};

export interface LoginAttempt {
  readonly address: string;
  readonly username: string;
  /** The account was logged in from this address before: strangers' failures do not count against it. */
  readonly known: boolean;
}

export interface LoginThrottle {
  /** Counts an attempt as a failure in advance, so that parallel guesses cannot slip through. Throws `rate_limited`. */
  login(attempt: LoginAttempt): Promise<void>;
  /** Takes back what `login` counted, and the earlier failures of this pair. */
  succeeded(attempt: LoginAttempt): Promise<void>;
  /** Takes back what `login` counted: the password was not even looked at. */
  undecided(attempt: LoginAttempt): Promise<void>;
  register(address: string): Promise<void>;
  setup(address: string): Promise<void>;
}

async function take(limiter: RateLimiterMemory, key: string): Promise<void> {
  try {
    await limiter.consume(key);
  } catch (rejection) {
    if (!(rejection instanceof RateLimiterRes)) throw rejection;
    throw new AppError("rate_limited", "Too many attempts; wait a little and try again", {
      retryAfterMs: rejection.msBeforeNext,
    });
  }
}

const pairKey = (attempt: LoginAttempt) => `${addressKey(attempt.address)} ${attempt.username}`;

export function createLoginThrottle(limits: ThrottleLimits = throttleLimits): LoginThrottle {
  const address = new RateLimiterMemory(limits.address);
  const pair = new RateLimiterMemory(limits.pair);
  const strangers = new RateLimiterMemory(limits.strangers);
  const register = new RateLimiterMemory(limits.register);
  return {
    async login(attempt) {
      await take(address, addressKey(attempt.address));
      await take(pair, pairKey(attempt));
      if (!attempt.known) await take(strangers, attempt.username);
    },
    async succeeded(attempt) {
      await address.reward(addressKey(attempt.address));
      await pair.delete(pairKey(attempt));
      if (!attempt.known) await strangers.reward(attempt.username);
    },
    async undecided(attempt) {
      await address.reward(addressKey(attempt.address));
      await pair.reward(pairKey(attempt));
      if (!attempt.known) await strangers.reward(attempt.username);
    },
    register: (from) => take(register, addressKey(from)),
    setup: (from) => take(address, addressKey(from)),
  };
}
