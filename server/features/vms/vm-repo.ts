/** Rows of VMs, metered with every change. Destroyed VMs keep their row but are invisible here. */
import { and, asc, eq, getTableColumns, isNotNull, isNull, ne, type SQL, sql } from "drizzle-orm";
import type { JobId, JobKind, JobView, UserId, VmId, VmState } from "#protocol";
import type { Db } from "../../../db/client.ts";
import { snapshots, users, vms } from "../../../db/schema/index.ts";
import type { VmBilling } from "../../core/billing.ts";
import { AppError } from "../../core/errors.ts";
import type { JobRunner } from "../../core/jobs.ts";
import type { Origin } from "./deps.ts";
import type { VmCondition } from "./vm-facts.ts";
import type { NewVmRow, VmChange, VmRow } from "./vm-row.ts";
import { billedOf } from "./vm-view.ts";

export interface Transition {
  readonly kind: JobKind;
  readonly next: VmState;
}

/** What a job is written with. */
export interface Asked extends Origin {
  /** The input of the command, with what its end needs to know. */
  readonly request: Readonly<Record<string, unknown>>;
}

type Meter = Pick<VmBilling, "meter" | "end">;

const isLive = isNull(vms.destroyedAtMs);

export class VmRepo {
  readonly #db: Db;
  readonly #jobs: Pick<JobRunner, "create">;
  readonly #billing: Meter;
  readonly #statements: ReturnType<typeof prepare>;

  constructor(db: Db, jobs: Pick<JobRunner, "create">, billing: Meter) {
    this.#db = db;
    this.#jobs = jobs;
    this.#billing = billing;
    this.#statements = prepare(db.orm);
  }

  tx<T>(work: () => T): T {
    return this.#db.tx(work);
  }

  find(vmId: VmId): VmRow | undefined {
    return this.#statements.byId.get({ vmId });
  }

  /** Oldest first; null means everybody's. */
  list(ownerId: UserId | null): VmRow[] {
    const { everything, ofOwner } = this.#statements;
    return ownerId === null ? everything.all() : ofOwner.all({ ownerId });
  }

  withLease(): VmRow[] {
    return this.#statements.withLease.all();
  }

  withSchedule(): VmRow[] {
    return this.#statements.withSchedule.all();
  }

  /** A VM that keeps `name` of this owner on the host, be it handed over to somebody else since. */
  holderOf(homeId: UserId, name: string): VmRow | undefined {
    return this.#statements.byHome.get({ homeId, name });
  }

  /** A new VM. The unique index decides between two of one name. */
  insert(row: NewVmRow): VmRow {
    try {
      const values = { ...row, state: "pending" as const };
      const { id } = this.#db.orm.insert(vms).values(values).returning({ id: vms.id }).get();
      return this.#found(id);
    } catch (error) {
      throw isNameTaken(error) ? nameConflict(row.name, error) : error;
    }
  }

  /**
   * State, job row and lock in one transaction: a crash leaves all or nothing for the next start. `check` runs in it,
   * before anything of the VM changes, and may refuse by throwing.
   */
  begin(vm: VmRow, { kind, next }: Transition, asked: Asked, check?: (job: JobView) => void): JobView {
    // The row may have changed since the plan was made from it.
    const sameJob = vm.activeJobId === null ? isNull(vms.activeJobId) : eq(vms.activeJobId, vm.activeJobId);
    const unchanged = and(eq(vms.id, vm.id), isLive, sql`${sameJob} and ${vms.state} = ${vm.state}`);
    return this.#db.tx(() => {
      const { id, ownerId, name } = vm;
      const job = this.#jobs.create({ kind, ownerId, vmId: id, targetName: name, ...asked });
      check?.(job);
      const change = { state: next, activeJobId: job.id, errorMessage: null, errorDetail: null };
      // Rolls the job row back as well.
      if (this.#change(change, unchanged) === 0)
        throw new AppError("conflict", "Another action on this VM came first");
      return job;
    });
  }

  /** A second VM that a job needs undisturbed, e.g. the one that is copied. */
  lock(vmId: VmId, jobId: JobId): void {
    const free = and(eq(vms.id, vmId), isLive, isNull(vms.activeJobId));
    if (this.#change({ activeJobId: jobId }, free) === 0)
      throw new AppError("conflict", "A job still works on this VM");
  }

  /** Gives back what `lock` took; the VMs that were locked. */
  releaseOthers(jobId: JobId, vmId: VmId): VmId[] {
    const others = and(eq(vms.activeJobId, jobId), ne(vms.id, vmId));
    const released = this.#db.orm.update(vms).set({ activeJobId: null }).where(others);
    return released
      .returning({ id: vms.id })
      .all()
      .map(({ id }) => id);
  }

  setCondition(vmId: VmId, condition: VmCondition): void {
    const { state, ip, startedAtMs, errorMessage, errorDetail } = condition;
    this.#change({ state, ip, startedAtMs, errorMessage, errorDetail }, and(eq(vms.id, vmId), isLive));
  }

  /** Gives the lock back, unless a later job has taken it over: then the row is no longer ours. */
  endJob(vmId: VmId, jobId: JobId, condition: VmCondition, change: VmChange = {}): void {
    const isOurs = and(eq(vms.id, vmId), eq(vms.activeJobId, jobId));
    const { state, ip, startedAtMs, errorMessage, errorDetail } = condition;
    const after = { state, ip, startedAtMs, errorMessage, errorDetail };
    this.#change({ ...change, ...after, activeJobId: null }, isOurs);
  }

  releaseLock(vmId: VmId): void {
    this.#change({ activeJobId: null }, eq(vms.id, vmId));
  }

  /** What neither state nor price depends on. */
  set(vmId: VmId, change: Omit<VmChange, "state" | "ownerId">): void {
    this.#db.orm
      .update(vms)
      .set(change)
      .where(and(eq(vms.id, vmId), isLive))
      .run();
  }

  /** Handed over: folder and domain keep the id of the first owner. */
  setOwner(vm: VmRow, ownerId: UserId): void {
    try {
      this.#change({ ownerId, homeOwnerId: vm.homeOwnerId ?? vm.ownerId }, eq(vms.id, vm.id));
    } catch (error) {
      if (!isNameTaken(error)) throw error;
      throw new AppError("conflict", `The new owner already has a VM named ${vm.name}`, { cause: error });
    }
  }

  markDestroyed(vmId: VmId, nowMs: number): void {
    const change = { activeJobId: null, destroyedAtMs: nowMs, ip: null, startedAtMs: null };
    this.#db.tx(() => {
      this.#db.orm.delete(snapshots).where(eq(snapshots.vmId, vmId)).run();
      this.#db.orm.update(vms).set(change).where(eq(vms.id, vmId)).run();
      this.#billing.end(vmId);
    });
  }

  /** Nobody pays while we do not know the machine. */
  meterAsUnknown(row: VmRow): void {
    this.#db.tx(() => this.#billing.meter({ ...billedOf(row), state: "unknown" }));
  }

  meter(row: VmRow): void {
    this.#db.tx(() => this.#billing.meter(billedOf(row)));
  }

  /** The meter runs by the row as it is written, in the same transaction: nobody can forget it. Gives the rows changed. */
  #change(change: VmChange, wanted: SQL | undefined): number {
    return this.#db.tx(() => {
      const changed = this.#db.orm.update(vms).set(change).where(wanted).returning({ id: vms.id }).all();
      for (const { id } of changed) {
        const row = this.find(id);
        if (row) this.#billing.meter(billedOf(row));
      }
      return changed.length;
    });
  }

  #found(vmId: VmId): VmRow {
    const row = this.find(vmId);
    if (!row) throw new AppError("internal", "A VM vanished while it was written");
    return row;
  }
}

function prepare(orm: Db["orm"]) {
  const columns = { ...getTableColumns(vms), ownerName: users.username };
  const { placeholder } = sql;
  const live = (wanted?: SQL) =>
    orm
      .select(columns)
      .from(vms)
      .innerJoin(users, eq(users.id, vms.ownerId))
      .where(and(isLive, wanted))
      .orderBy(asc(vms.id))
      .prepare();
  return {
    byId: live(eq(vms.id, placeholder("vmId"))),
    ofOwner: live(eq(vms.ownerId, placeholder("ownerId"))),
    everything: live(),
    withLease: live(isNotNull(vms.leaseEndsAtMs)),
    withSchedule: live(isNotNull(vms.schedule)),
    byHome: live(
      and(
        sql`coalesce(${vms.homeOwnerId}, ${vms.ownerId}) = ${placeholder("homeId")}`,
        eq(vms.name, placeholder("name")),
      ),
    ),
  };
}

function isNameTaken(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "SQLITE_CONSTRAINT_UNIQUE";
}

export function nameConflict(name: string, cause?: unknown): AppError {
  return new AppError("conflict", `You already have a VM named ${name}`, { field: "name", cause });
}
