/** Rows of VMs. Destroyed VMs keep their row but are invisible here. */
import { and, asc, eq, getTableColumns, isNull, type SQL, sql } from "drizzle-orm";
import type { JobId, JobKind, JobView, UserId, VmId, VmSpec, VmState } from "#protocol";
import type { Db } from "../../../db/client.ts";
import { users, vms } from "../../../db/schema/index.ts";
import { AppError } from "../../core/errors.ts";
import type { JobRunner } from "../../core/jobs.ts";
import type { DriverInfo } from "../../drivers/vm-driver.ts";
import type { VmCondition } from "./vm-facts.ts";

export type VmRow = typeof vms.$inferSelect & { readonly ownerName: string };

export interface Transition {
  readonly kind: JobKind;
  readonly next: VmState;
}

const isLive = isNull(vms.destroyedAtMs);

export class VmRepo {
  readonly #db: Db;
  readonly #jobs: Pick<JobRunner, "create">;
  readonly #statements: ReturnType<typeof prepare>;

  constructor(db: Db, jobs: Pick<JobRunner, "create">) {
    this.#db = db;
    this.#jobs = jobs;
    this.#statements = prepare(db.orm);
  }

  find(vmId: VmId): VmRow | undefined {
    return this.#statements.byId.get({ vmId });
  }

  /** Oldest first; null means everybody's. */
  list(ownerId: UserId | null): VmRow[] {
    const { everything, ofOwner } = this.#statements;
    return ownerId === null ? everything.all() : ofOwner.all({ ownerId });
  }

  /** A new VM and its job, or nothing. The unique index decides between two of one name. */
  insert(spec: VmSpec, ownerId: UserId, driver: DriverInfo["name"], nowMs: number) {
    return this.#db.tx(() => {
      const vmId = this.#insertRow(spec, ownerId, driver, nowMs);
      const vm = { id: vmId, ownerId, name: spec.name };
      const job = this.#startJob(vm, { kind: "vm.create", next: "pending" }, isNull(vms.activeJobId));
      return { vmId, job };
    });
  }

  /** State, job row and lock in one transaction: a crash leaves all or nothing for the next start. */
  beginTransition(vm: VmRow, transition: Transition): JobView {
    // The row may have changed since the plan was made from it.
    const sameJob = vm.activeJobId === null ? isNull(vms.activeJobId) : eq(vms.activeJobId, vm.activeJobId);
    const unchanged = sql`${sameJob} and ${vms.state} = ${vm.state}`;
    return this.#db.tx(() => this.#startJob(vm, transition, unchanged));
  }

  setCondition(vmId: VmId, condition: VmCondition): void {
    const { state, ip, startedAtMs, errorMessage, errorDetail } = condition;
    const change = { state, ip, startedAtMs, errorMessage, errorDetail };
    this.#update(change, and(eq(vms.id, vmId), isLive));
  }

  /** Gives the lock back, unless a later job has taken it over: then the row is no longer ours. */
  endJob(vmId: VmId, jobId: JobId, condition: VmCondition): void {
    const isOurs = and(eq(vms.id, vmId), eq(vms.activeJobId, jobId));
    this.#update({ ...condition, activeJobId: null }, isOurs);
  }

  releaseLock(vmId: VmId): void {
    this.#update({ activeJobId: null }, eq(vms.id, vmId));
  }

  markDestroyed(vmId: VmId, nowMs: number): void {
    const change = { activeJobId: null, destroyedAtMs: nowMs, ip: null, startedAtMs: null };
    this.#update(change, eq(vms.id, vmId));
  }

  #update(change: Partial<typeof vms.$inferInsert>, wanted: SQL | undefined): void {
    this.#db.orm.update(vms).set(change).where(wanted).run();
  }

  #insertRow(spec: VmSpec, ownerId: UserId, driver: DriverInfo["name"], nowMs: number): VmId {
    const values = { ...spec, ownerId, driver, state: "pending" as const, createdAtMs: nowMs };
    try {
      return this.#db.orm.insert(vms).values(values).returning({ id: vms.id }).get().id;
    } catch (error) {
      throw isNameTaken(error) ? nameConflict(spec.name, error) : error;
    }
  }

  #startJob(vm: Pick<VmRow, "id" | "ownerId" | "name">, { kind, next }: Transition, unchanged: SQL) {
    const job = this.#jobs.create({
      kind,
      ownerId: vm.ownerId,
      actor: null,
      vmId: vm.id,
      targetName: vm.name,
    });
    const changed = this.#db.orm
      .update(vms)
      .set({ state: next, activeJobId: job.id, errorMessage: null, errorDetail: null })
      .where(and(eq(vms.id, vm.id), isLive, unchanged))
      .returning({ id: vms.id })
      .all();
    // Rolls the job row back as well.
    if (changed.length === 0) throw new AppError("conflict", "Another action on this VM came first");
    return job;
  }
}

function prepare(orm: Db["orm"]) {
  const columns = { ...getTableColumns(vms), ownerName: users.username };
  const from = () => orm.select(columns).from(vms).innerJoin(users, eq(users.id, vms.ownerId));
  const { placeholder } = sql;
  return {
    byId: from()
      .where(and(eq(vms.id, placeholder("vmId")), isLive))
      .prepare(),
    ofOwner: from()
      .where(and(eq(vms.ownerId, placeholder("ownerId")), isLive))
      .orderBy(asc(vms.id))
      .prepare(),
    everything: from().where(isLive).orderBy(asc(vms.id)).prepare(),
  };
}

function isNameTaken(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "SQLITE_CONSTRAINT_UNIQUE";
}

function nameConflict(name: string, cause: unknown): AppError {
  return new AppError("conflict", `You already have a VM named ${name}`, { field: "name", cause });
}
