/** Makes VMs: new ones, copies, and the same one anew. Name, quota, hold, row and job are one transaction. */
import {
  fullPrice,
  type JobView,
  type SnapshotView,
  type UserId,
  type VmCreateInput,
  type VmSize,
} from "#protocol";
import { AppError } from "../../core/errors.ts";
import type { Accepted, Origin, VmDeps } from "./deps.ts";
import { cloneRequest } from "./job-requests.ts";
import { leaseOf } from "./lease/lease-rules.ts";
import type { Orphans } from "./orphans.ts";
import { checkSchedule } from "./schedule/schedule-rules.ts";
import type { VmActions } from "./vm-actions.ts";
import { type Asked, nameConflict } from "./vm-repo.ts";
import { billedOf } from "./vm-view.ts";
import type { VmParts } from "./vm-parts.ts";
import type { NewVmRow, VmRow } from "./vm-row.ts";

interface Parts extends VmParts {
  readonly actions: VmActions;
  readonly orphans: Orphans;
}

type Kind = "vm.create" | "vm.clone";

export class VmMaking {
  readonly #deps: VmDeps;
  readonly #parts: Parts;

  constructor(deps: VmDeps, parts: Parts) {
    this.#deps = deps;
    this.#parts = parts;
  }

  create(input: VmCreateInput, ownerId: UserId, origin: Origin): Accepted {
    checkPrice(input, input.pricePerHour);
    if (input.schedule) checkSchedule(input.schedule);
    const { leaseHours, pricePerHour: _, ...rest } = input;
    const row = { ...rest, tags: [...new Set(rest.tags)], ...this.#beginning(leaseHours), ownerId };
    return this.#make("vm.create", row, { ...origin, request: input });
  }

  clone(source: VmRow, name: string, snapshot: SnapshotView | null, origin: Origin): Accepted {
    const { actions, repo } = this.#parts;
    actions.allowOperation(source, snapshot ? "cloneSnapshot" : "clone");
    const { ownerId, image, ramMb, cpuCores, diskGb, label, notes, tags } = source;
    const kept = { ownerId, image, ramMb, cpuCores, diskGb, label, notes, tags };
    const row = { ...kept, ...this.#beginning(null), name };
    const request = { vmId: source.id, name, ...(snapshot && { snapshotId: snapshot.id }) };
    return this.#make("vm.clone", row, { ...origin, request }, (job) => repo.lock(source.id, job.id));
  }

  /** The disk and all snapshots are lost; id, name, addresses in folders and domains stay. */
  rebuild(vm: VmRow, image: string, origin: Origin): Accepted {
    const { actions, repo, snapshots } = this.#parts;
    const asked = { ...origin, request: { vmId: vm.id, image } };
    return actions.operate(vm, "rebuild", asked, () => {
      actions.checkStart(vm);
      snapshots.removeAll(vm.id);
      const startup = { startupOutput: "", startupExitCode: null, startupRanAtMs: null };
      repo.set(vm.id, { image, ...startup });
    });
  }

  /** The same row again after a create or clone that failed and left nothing. */
  again(vm: VmRow, kind: Kind, asked: Asked): Accepted {
    const { actions, repo, snapshots } = this.#parts;
    const { admission, billing } = this.#deps;
    const source = kind === "vm.clone" ? this.#sourceOf(asked.request) : null;
    const job = repo.begin(vm, { kind, next: "pending" }, asked, (written) => {
      admission.admit({ ownerId: vm.ownerId, size: vm, replaces: vm.id });
      admission.admitStart(billedOf(vm));
      billing.hold(written.id, billedOf(vm));
      snapshots.removeAll(vm.id);
      if (source) repo.lock(source.id, written.id);
    });
    return actions.accept(vm.id, job);
  }

  #sourceOf(request: Asked["request"]): VmRow {
    const { vmId, snapshotId } = cloneRequest.parse(request);
    const source = this.#parts.repo.find(vmId);
    const isGone = snapshotId !== undefined && !this.#parts.snapshots.find(vmId, snapshotId);
    if (!source || isGone) throw new AppError("conflict", "What was to be cloned is no longer there");
    this.#parts.actions.allowOperation(source, snapshotId === undefined ? "clone" : "cloneSnapshot");
    return source;
  }

  #make(kind: Kind, row: NewVmRow, asked: Asked, also?: (job: JobView) => void) {
    const { repo, actions } = this.#parts;
    this.#checkName(row);
    const made = repo.tx(() => {
      this.#deps.admission.admit({ ownerId: row.ownerId, size: row, replaces: null });
      const vm = repo.insert(row);
      const job = repo.begin(vm, { kind, next: "pending" }, asked, (written) => {
        this.#deps.billing.hold(written.id, billedOf(vm));
        also?.(written);
      });
      return { vmId: vm.id, job };
    });
    return actions.accept(made.vmId, made.job);
  }

  #checkName({ ownerId, name }: Pick<NewVmRow, "ownerId" | "name">): void {
    // Making it anew would take over a disk that somebody may still miss.
    if (this.#parts.orphans.isOne(ownerId, name))
      throw new AppError(
        "conflict",
        `A VM named ${name} is left on the host; an administrator must remove it`,
        {
          field: "name",
        },
      );
    const holder = this.#parts.repo.holderOf(ownerId, name);
    if (!holder) return;
    if (holder.ownerId === ownerId) throw nameConflict(name);
    const message = `The name ${name} is still in use by a VM that was handed over; choose another`;
    throw new AppError("conflict", message, { field: "name" });
  }

  /** What is the same for every new VM. */
  #beginning(leaseHours: number | null) {
    const nowMs = this.#deps.clock.now();
    return {
      driver: this.#deps.driver.info.name,
      createdAtMs: nowMs,
      scheduleDoneMs: nowMs,
      ...leaseOf(leaseHours ?? this.#deps.settings.get().leaseHours, nowMs),
    };
  }
}

/** What was agreed to must still be the price. */
function checkPrice(size: VmSize, shown: number | undefined): void {
  const price = fullPrice(size);
  if (shown === undefined || shown === price) return;
  throw new AppError("conflict", `The price is ${price / 1_000} credits an hour now, not ${shown / 1_000}`, {
    field: "pricePerHour",
  });
}
