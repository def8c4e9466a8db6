/** What administration needs from outside: every feature does its own part, asked through these small ports. */
import type {
  HostCapacity,
  QuotaLimits,
  QuotaName,
  QuotaView,
  Statistics,
  UserId,
  VmSample,
} from "#protocol";
import type { Db } from "../../../db/client.ts";
import type { AccountAdmin } from "../../core/accounts.ts";
import type { Bus } from "../../core/bus.ts";
import type { Clock } from "../../core/clock.ts";
import type { EventLog } from "../../core/event-log.ts";
import type { Log } from "../../core/log.ts";
import type { Cursors } from "../../core/paging.ts";
import type { VmAdmin } from "../../core/vm-admin.ts";
import type { Invitations } from "./invitations.ts";

export interface CreditAdjustment {
  readonly userId: UserId;
  /** Milli-credits, negative to take. */
  readonly amount: number;
  readonly reason: string;
  readonly actor: { readonly id: UserId; readonly name: string };
  /** A second adjustment of the same key is the first one. */
  readonly key: string;
}

export interface CreditAdmin {
  /** Gives the balance after it. Throws `insufficient_credits` for more than there is. */
  adjust(adjustment: CreditAdjustment): number;
  totals(): Statistics["credits"];
}

/** Null is the default of the cloud again. */
export type QuotaChange = { readonly [name in QuotaName]?: QuotaLimits[name] | null | undefined };

export interface QuotaAdmin {
  set(userId: UserId, change: QuotaChange): void;
  viewOf(userId: UserId): QuotaView;
  capacity(): HostCapacity | null;
}

export interface AdminDeps {
  readonly db: Db;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly log: Log;
  readonly cursors: Cursors;
  readonly events: EventLog;
  readonly accounts: AccountAdmin;
  readonly vms: VmAdmin;
  readonly credits: CreditAdmin;
  readonly quotas: QuotaAdmin;
  readonly invitations: Invitations;
  newestVmSamples(): readonly VmSample[];
  onlineUserCount(): number;
}
