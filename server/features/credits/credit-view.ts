/** An account as of this moment, with what its meters have run up and nobody has written yet. */
import type { CreditsView, UserId } from "#protocol";
import type { Charging } from "./charging.ts";
import type { CreditAccount } from "./ledger.ts";
import { type Funds, levelOf } from "./level-rules.ts";
import { dueOf, emptiesInMs } from "./meter-rules.ts";
import type { Meter } from "./meters.ts";

/** VMs of an empty account are not removed before that; an administrator decides later. */
const KEPT_MS = 7 * 24 * 60 * 60 * 1_000;

export interface Standing {
  readonly account: CreditAccount;
  readonly meters: readonly Meter[];
  /** What is left now. */
  readonly balance: number;
  readonly funds: Funds;
}

export function standingOf({ ledger, meters }: Charging, userId: UserId): Standing {
  const account = ledger.account(userId);
  const open = meters.open(userId);
  const due = open.reduce((sum, meter) => sum + dueOf(meter), 0);
  const total = Math.max(0, account.balance + account.held - due);
  const emptiesIn = emptiesInMs(open, account.balance + account.held);
  return {
    account,
    meters: open,
    balance: Math.max(0, account.balance - due),
    funds: { total, grantBalance: account.grantBalance, emptiesInMs: emptiesIn },
  };
}

export function keptUntilOf(emptiedAtMs: number | null): number | null {
  return emptiedAtMs === null ? null : emptiedAtMs + KEPT_MS;
}

export function creditsViewOf(charging: Charging, userId: UserId): CreditsView {
  const { account, meters, balance, funds } = standingOf(charging, userId);
  const nowMs = charging.clock.now();
  const leftMs = balance === 0 ? null : emptiesInMs(meters, account.balance);
  return {
    userId,
    balance,
    asOfMs: nowMs,
    held: account.held,
    burnPerHour: meters.reduce((sum, { price }) => sum + price, 0),
    emptiesAtMs: leftMs === null ? null : nowMs + leftMs,
    level: levelOf(funds),
    keptUntilMs: keptUntilOf(account.emptiedAtMs),
  };
}
