/** What the quotas feature needs from outside, and what its commands share. */
import type { HostCapacity, QuotaView, UserId } from "#protocol";
import type { Db } from "../../../db/client.ts";
import type { Bus } from "../../core/bus.ts";
import type { CloudSettingsSource } from "../../core/cloud-settings.ts";
import type { HostProbe } from "./host-probe.ts";

export interface QuotaDeps {
  readonly db: Db;
  readonly bus: Bus;
  readonly settings: CloudSettingsSource;
  /** Null: VMs of this driver take nothing of the host, e.g. simulated ones. */
  readonly host: HostProbe | null;
}

export interface QuotaCommandDeps {
  hasUser(userId: UserId): boolean;
  viewOf(userId: UserId): QuotaView;
  capacity(): HostCapacity | null;
}
