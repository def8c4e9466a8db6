/** What VMs use: sums over rows as they are inside the running transaction. */
import { and, eq, inArray, isNull, ne, type SQLWrapper, sql } from "drizzle-orm";
import { type UserId, type VmId, type VmState, vmStates } from "#protocol";
import type { Db } from "../../../db/client.ts";
import { snapshots, vms } from "../../../db/schema/index.ts";
import type { QuotaUse } from "./quota-rules.ts";

export interface HostUse {
  /** Of VMs that run or are about to. */
  readonly memoryMb: number;
  readonly cpuCores: number;
  /** Of all VMs, disks counted in full. */
  readonly diskGb: number;
}

export interface UseQueries {
  /** `without`: a VM that is left out because another size of it is asked for. */
  ofUser(userId: UserId, without: VmId | null): QuotaUse;
  ofHost(without: VmId | null): HostUse;
  snapshotsOf(vmId: VmId): number;
}

/** Whether a VM in this state has, or may have, its memory. */
function takesMemory(state: VmState): boolean {
  switch (state) {
    // Being made: it boots at once.
    case "pending":
    case "starting":
    case "running":
    case "stopping":
    case "restarting":
    case "destroying":
    // Nobody knows: counted until somebody does.
    case "unknown":
      return true;
    case "stopped":
    case "failed":
      return false;
    default:
      return state satisfies never;
  }
}

const sumOf = (value: SQLWrapper) => sql<number>`coalesce(sum(${value}), 0)`;

export function createUseQueries({ orm }: Db): UseQueries {
  const live = (without: VmId | null) =>
    and(isNull(vms.destroyedAtMs), without === null ? undefined : ne(vms.id, without));
  const awake = inArray(vms.state, vmStates.filter(takesMemory));

  return {
    ofUser(userId, without) {
      const sums = orm
        .select({
          vms: sql<number>`count(*)`,
          cpuCores: sumOf(vms.cpuCores),
          ramMb: sumOf(vms.ramMb),
          diskGb: sumOf(vms.diskGb),
        })
        .from(vms)
        .where(and(eq(vms.ownerId, userId), live(without)))
        .get();
      const taken = orm
        .select({ snapshots: sql<number>`count(*)` })
        .from(snapshots)
        .innerJoin(vms, eq(vms.id, snapshots.vmId))
        .where(and(eq(vms.ownerId, userId), live(without)))
        .get();
      return { vms: 0, cpuCores: 0, ramMb: 0, diskGb: 0, ...sums, snapshots: taken?.snapshots ?? 0 };
    },
    ofHost(without) {
      const sums = orm
        .select({
          memoryMb: sumOf(sql`case when ${awake} then ${vms.ramMb} else 0 end`),
          cpuCores: sumOf(sql`case when ${awake} then ${vms.cpuCores} else 0 end`),
          diskGb: sumOf(vms.diskGb),
        })
        .from(vms)
        .where(live(without))
        .get();
      return sums ?? { memoryMb: 0, cpuCores: 0, diskGb: 0 };
    },
    snapshotsOf(vmId) {
      const all = orm.select({ n: sql<number>`count(*)` }).from(snapshots);
      return all.where(eq(snapshots.vmId, vmId)).get()?.n ?? 0;
    },
  };
}
