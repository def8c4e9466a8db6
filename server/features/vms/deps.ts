/** What the VM feature needs from outside, and what its commands share. */
import type { ImageView, JobId, JobView, UserId, VmId, VmSpec, VmState, VmView } from "#protocol";
import type { Db } from "../../../db/client.ts";
import type { Bus } from "../../core/bus.ts";
import type { Session } from "../../core/caller.ts";
import type { Clock } from "../../core/clock.ts";
import type { JobRunner } from "../../core/jobs.ts";
import type { Log } from "../../core/log.ts";
import type { VmDriver, VmRef } from "../../drivers/vm-driver.ts";
import type { VmRepo, VmRow } from "./vm-repo.ts";

export interface VmDeps {
  readonly db: Db;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly log: Log;
  readonly driver: VmDriver;
  readonly jobs: JobRunner;
  /** Throws `invalid_input` when the image is unknown, cannot be booted here, or needs more memory. */
  readonly images: { check(spec: Pick<VmSpec, "image" | "ramMb">): Promise<ImageView> };
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
}

export interface VmCommandDeps extends Omit<VmDeps, "db" | "bus" | "jobs"> {
  readonly repo: VmRepo;
  /** True when the last reconcile found a VM of this name on the host that the database does not know. */
  isOrphan(ownerId: UserId, name: string): boolean;
  /** Like `VmLookup.find`, as a row. */
  rowFor(session: Session, vmId: VmId): VmRow;
  /** Sets the background work of a written job going and tells what was accepted. */
  accept(vmId: VmId, job: JobView, replaces?: JobId | null): { vm: VmView; jobId: JobId };
}
