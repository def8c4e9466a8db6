/** What the VM feature needs from outside, and words its parts share. */
import type { ImageView, JobId, Role, UserId, VmId, VmSpec, VmState, VmView } from "#protocol";
import type { Db } from "../../../db/client.ts";
import type { VmAdmission, VmBilling } from "../../core/billing.ts";
import type { Bus } from "../../core/bus.ts";
import type { Caller, Session } from "../../core/caller.ts";
import type { Clock } from "../../core/clock.ts";
import type { CloudSettingsSource } from "../../core/cloud-settings.ts";
import type { EventLog } from "../../core/event-log.ts";
import type { JobActor, JobRunner } from "../../core/jobs.ts";
import type { Log } from "../../core/log.ts";
import type { Cursors } from "../../core/paging.ts";
import type { ImageRef, VmDriver, VmRef } from "../../drivers/vm-driver.ts";

export interface VmImages {
  /** Throws `invalid_input` when the image is unknown, cannot be booted here, or needs more memory or disk. */
  check(spec: Pick<VmSpec, "image" | "ramMb" | "diskGb">, role?: Role): Promise<ImageView>;
  /** Throws `conflict` when the image is gone. */
  refOf(imageId: string): ImageRef;
}

export interface VmDeps {
  readonly db: Db;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly log: Log;
  readonly cursors: Cursors;
  readonly driver: VmDriver;
  readonly jobs: JobRunner;
  readonly images: VmImages;
  readonly billing: VmBilling;
  readonly admission: VmAdmission;
  readonly events: EventLog;
  readonly settings: CloudSettingsSource;
}

export interface FoundVm {
  readonly ref: VmRef;
  readonly state: VmState;
  readonly view: VmView;
}

export interface VmLookup {
  /** Throws `not_found` for an absent VM and, with the same words, for a VM of somebody else. */
  find(session: Session, vmId: VmId): FoundVm;
  /** Null when there is no such VM, or no more. */
  ownerOf(vmId: VmId): UserId | null;
  /** Whether a driver speaks of a VM of ours, which keeps the id of its first owner there. */
  isOurs(ref: VmRef): boolean;
}

/** Who asks, as far as a job remembers it. */
export interface Origin {
  /** Null: the server itself. */
  readonly actor: JobActor | null;
  readonly requestKey?: string | undefined;
}

export type VmCaller = Pick<Caller<Session>, "session" | "requestKey">;

export function originOf({ session, requestKey }: VmCaller): Origin {
  return { actor: { id: session.userId, name: session.username }, requestKey };
}

export interface Accepted {
  readonly vm: VmView;
  readonly jobId: JobId;
}
