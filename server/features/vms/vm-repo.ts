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
export type VmRepo = ReturnType<typeof createVmRepo>;

export interface Transition {
  readonly kind: JobKind;
  readonly next: VmState;
}

const columns = { ...getTableColumns(vms), ownerName: users.username };
const isLive = isNull(vms.destroyedAtMs);

export function createVmRepo(db: Db, jobs: Pick<JobRunner, "create">) {
  const { orm } = db;
  const from = () => orm.select(columns).from(vms).innerJoin(users, eq(users.id, vms.ownerId));
  const byId = from()
    .where(and(eq(vms.id, sql.placeholder("vmId")), isLive))
    .prepare();
  const ofOwner = from()
    .where(and(eq(vms.ownerId, sql.placeholder("ownerId")), isLive))
    .orderBy(asc(vms.id))
    .prepare();
  const everything = from().where(isLive).orderBy(asc(vms.id)).prepare();

  function insertRow(spec: VmSpec, ownerId: UserId, driver: DriverInfo["name"], nowMs: number): VmId {
    try {
      const row = orm
        .insert(vms)
        .values({ ...spec, ownerId, driver, state: "pending", createdAtMs: nowMs })
        .returning({ id: vms.id })
        .get();
      return row.id;
    } catch (error) {
      throw isNameTaken(error) ? nameConflict(spec.name, error) : error;
    }
  }

  function startJob(vm: Pick<VmRow, "id" | "ownerId" | "name">, { kind, next }: Transition, expected: SQL) {
    const job = jobs.create({ kind, ownerId: vm.ownerId, vmId: vm.id, vmName: vm.name });
    const changed = orm
      .update(vms)
      .set({ state: next, activeJobId: job.id, errorMessage: null, errorDetail: null })
      .where(and(eq(vms.id, vm.id), isLive, expected))
      .returning({ id: vms.id })
      .all();
    // Rolls the job row back as well.
    if (changed.length === 0) throw new AppError("conflict", "Another action on this VM came first");
    return job;
  }

  return {
    find: (vmId: VmId): VmRow | undefined => byId.get({ vmId }),
    list: (ownerId: UserId | null): VmRow[] =>
      ownerId === null ? everything.all() : ofOwner.all({ ownerId }),
    /** A new VM and its job, or nothing. The unique index decides between two of one name. */
    insert(spec: VmSpec, ownerId: UserId, driver: DriverInfo["name"], nowMs: number) {
      return db.tx(() => {
        const id = insertRow(spec, ownerId, driver, nowMs);
        const transition: Transition = { kind: "vm.create", next: "pending" };
        const job = startJob({ id, ownerId, name: spec.name }, transition, isNull(vms.activeJobId));
        return { vmId: id, job };
      });
    },
    /** State, job row and lock in one transaction: a crash leaves all or nothing for the next start. */
    beginTransition(vm: VmRow, transition: Transition): JobView {
      // The row may have changed since the plan was made from it.
      const sameJob = vm.activeJobId === null ? isNull(vms.activeJobId) : eq(vms.activeJobId, vm.activeJobId);
      return db.tx(() => startJob(vm, transition, sql`${sameJob} and ${vms.state} = ${vm.state}`));
    },
    setCondition(vmId: VmId, condition: VmCondition): void {
      orm
        .update(vms)
        .set(condition)
        .where(and(eq(vms.id, vmId), isLive))
        .run();
    },
    /** Gives the lock back, unless a later job has taken it over: then the row is no longer ours. */
    endJob(vmId: VmId, jobId: JobId, condition: VmCondition): void {
      orm
        .update(vms)
        .set({ ...condition, activeJobId: null })
        .where(and(eq(vms.id, vmId), eq(vms.activeJobId, jobId)))
        .run();
    },
    releaseLock(vmId: VmId): void {
      orm.update(vms).set({ activeJobId: null }).where(eq(vms.id, vmId)).run();
    },
    markDestroyed(vmId: VmId, nowMs: number): void {
      orm
        .update(vms)
        .set({ activeJobId: null, destroyedAtMs: nowMs, ip: null, startedAtMs: null })
        .where(eq(vms.id, vmId))
        .run();
    },
  };
}

function isNameTaken(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "SQLITE_CONSTRAINT_UNIQUE";
}

function nameConflict(name: string, cause: unknown): AppError {
  return new AppError("conflict", `You already have a VM named ${name}`, { field: "name", cause });
}
