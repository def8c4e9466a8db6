/** Front door of the credits feature: the ledger, the meters of VMs, and the warnings before nothing is left. */
import type { CreditsView, UserId } from "#protocol";
import type { AccountListener } from "../../core/accounts.ts";
import type { VmBilling } from "../../core/billing.ts";
import type { Feature } from "../../core/feature.ts";
import { defineTopic } from "../../core/topic.ts";
import { createBilling } from "./billing.ts";
import type { Charging } from "./charging.ts";
import { exportLedger } from "./commands/export-ledger.ts";
import { getCredits } from "./commands/get-credits.ts";
import { listLedger } from "./commands/list-ledger.ts";
import { CreditCourse } from "./credit-course.ts";
import { creditsViewOf } from "./credit-view.ts";
import type { CreditCommandDeps, CreditDeps } from "./deps.ts";
import { adjust, type CreditAdjustment, type GrantDeps, openAccount, openMissingAccounts } from "./grants.ts";
import { Ledger } from "./ledger.ts";
import { Meters } from "./meters.ts";

export type { CreditDeps } from "./deps.ts";
export type { CreditAdjustment } from "./grants.ts";

export interface CreditTotals {
  /** Grants and adjustments since the beginning. */
  readonly issued: number;
  readonly burnt: number;
  /** Balances and holds. */
  readonly outstanding: number;
  readonly burnPerHour: number;
}

export interface CreditFeature extends Feature {
  readonly billing: VmBilling;
  readonly accounts: AccountListener;
  /** Gives or takes, once per key; the new balance. Throws `not_found`, `insufficient_credits`. */
  adjust(adjustment: CreditAdjustment): number;
  viewOf(userId: UserId): CreditsView;
  balanceOf(userId: UserId): number;
  /** What each user's VMs cost an hour now; users without a meter are absent. */
  burnByUser(): ReadonlyMap<UserId, number>;
  totals(): CreditTotals;
  /** Set once: whose running VMs must stop. Asked again every minute while some still run. */
  onEmpty(listener: (userId: UserId) => void): void;
}

export function createCreditFeature(deps: CreditDeps): CreditFeature {
  const { db, clock, settings } = deps;
  const ledger = new Ledger(db);
  const meters = new Meters(db, deps.monotonicMs ?? (() => performance.now()));
  meters.resume();
  const charging: Charging = { ledger, meters, clock };
  const course = new CreditCourse(deps, charging);
  const grants: GrantDeps = { db, charging, settings, touch: course.touch };
  openMissingAccounts(grants);

  const viewOf = (userId: UserId) => creditsViewOf(charging, userId);
  const commandDeps: CreditCommandDeps = { ledger, cursors: deps.cursors, viewOf };
  return {
    commands: [getCredits, listLedger, exportLedger].map((command) => command.bind(commandDeps)),
    topics: [
      defineTopic("credits.state", ({ ownerId }) => ({ credits: ownerId === null ? null : viewOf(ownerId) })),
    ],
    billing: createBilling(charging, course.touch),
    accounts: { created: (userId) => openAccount(grants, userId) },
    adjust: (adjustment) => adjust(grants, adjustment),
    viewOf,
    balanceOf: (userId) => ledger.balanceOf(userId),
    burnByUser: () => meters.burnByUser(),
    totals() {
      const burnPerHour = [...meters.burnByUser().values()].reduce((sum, burn) => sum + burn, 0);
      return { ...ledger.totals(), burnPerHour };
    },
    onEmpty: (listener) => course.onEmpty(listener),
    dispose: () => course.dispose(),
  };
}
