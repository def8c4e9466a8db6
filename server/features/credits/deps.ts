/** What the credits feature needs from outside, and what its commands share. */
import type { CreditsView, UserId } from "#protocol";
import type { Db } from "../../../db/client.ts";
import type { Bus } from "../../core/bus.ts";
import type { Clock } from "../../core/clock.ts";
import type { CloudSettingsSource } from "../../core/cloud-settings.ts";
import type { EventLog } from "../../core/event-log.ts";
import type { Log } from "../../core/log.ts";
import type { Cursors } from "../../core/paging.ts";
import type { Ledger } from "./ledger.ts";

export interface CreditDeps {
  readonly db: Db;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly log: Log;
  readonly cursors: Cursors;
  readonly settings: CloudSettingsSource;
  readonly events: EventLog;
  /**
   * Milliseconds of a clock that only goes forward: use is counted by it, so that setting the wall clock charges nobody
   * for hours that did not pass. Absent: that of the process.
   */
  readonly monotonicMs?: () => number;
}

export interface CreditCommandDeps {
  readonly ledger: Ledger;
  readonly cursors: Cursors;
  viewOf(userId: UserId): CreditsView;
}
