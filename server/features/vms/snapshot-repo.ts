/** Rows of snapshots; one that is gone has none. */
import { and, asc, eq, inArray } from "drizzle-orm";
import type { SnapshotId, SnapshotView, VmId } from "#protocol";
import type { Db } from "../../../db/client.ts";
import { snapshots } from "../../../db/schema/index.ts";
import { AppError } from "../../core/errors.ts";

/** SQLite takes 32766 variables in one statement; this many keep the statement small. */
const IDS_AT_ONCE = 500;

export type SnapshotState = SnapshotView["state"];

export class SnapshotRepo {
  readonly #orm: Db["orm"];

  constructor({ orm }: Db) {
    this.#orm = orm;
  }

  find(vmId: VmId, id: SnapshotId): SnapshotView | undefined {
    const wanted = and(eq(snapshots.id, id), eq(snapshots.vmId, vmId));
    return this.#orm.select().from(snapshots).where(wanted).get();
  }

  /** Oldest first. */
  of(vmId: VmId): SnapshotView[] {
    return this.ofAll([vmId]);
  }

  ofAll(vmIds: readonly VmId[]): SnapshotView[] {
    const found: SnapshotView[] = [];
    for (let from = 0; from < vmIds.length; from += IDS_AT_ONCE) {
      const wanted = inArray(snapshots.vmId, vmIds.slice(from, from + IDS_AT_ONCE));
      found.push(...this.#orm.select().from(snapshots).where(wanted).orderBy(asc(snapshots.id)).all());
    }
    return found;
  }

  /** The one a job works on; a VM has one job at a time. */
  busyOf(vmId: VmId): SnapshotView | undefined {
    return this.of(vmId).find(({ state }) => state !== "ready" && state !== "failed");
  }

  insert(vmId: VmId, name: string, description: string, nowMs: number): SnapshotView {
    const values = { vmId, name, description, state: "creating" as const, createdAtMs: nowMs };
    try {
      return this.#orm.insert(snapshots).values(values).returning().get();
    } catch (error) {
      const isTaken = error instanceof Error && "code" in error && error.code === "SQLITE_CONSTRAINT_UNIQUE";
      if (!isTaken) throw error;
      const message = `This VM already has a snapshot named ${name}`;
      throw new AppError("conflict", message, { field: "name", cause: error });
    }
  }

  set(id: SnapshotId, change: { readonly state: SnapshotState; readonly sizeBytes?: number | null }): void {
    this.#orm.update(snapshots).set(change).where(eq(snapshots.id, id)).run();
  }

  remove(id: SnapshotId): void {
    this.#orm.delete(snapshots).where(eq(snapshots.id, id)).run();
  }

  removeAll(vmId: VmId): void {
    this.#orm.delete(snapshots).where(eq(snapshots.vmId, vmId)).run();
  }
}

/** What the driver calls it: short and of our making, whatever the user names it. */
export function driverNameOf({ id }: Pick<SnapshotView, "id">): string {
  return `s${id}`;
}
