/** The numbers of the whole cloud as of now. */
import { and, count, eq, gte, inArray, isNull, type SQL, sql } from "drizzle-orm";
import type { Statistics, VmId, VmSample, VmState } from "#protocol";
import type { Db } from "../../../db/client.ts";
import { jobs, users, vms } from "../../../db/schema/index.ts";
import type { AdminDeps } from "./deps.ts";

export interface StatisticsReader {
  read(): Statistics;
}

interface VmNumbers {
  readonly id: VmId;
  readonly state: VmState;
  readonly ramMb: number;
  readonly cpuCores: number;
  readonly diskGb: number;
}

type Deps = Pick<AdminDeps, "db" | "clock" | "credits" | "quotas" | "newestVmSamples" | "onlineUserCount">;

export function createStatisticsReader(deps: Deps): StatisticsReader {
  const { db, clock, credits, quotas } = deps;
  return {
    read() {
      const existing = readVms(db);
      return {
        host: quotas.capacity(),
        users: { ...readUsers(db), online: deps.onlineUserCount() },
        vms: { total: existing.length, byState: byState(existing) },
        allocated: {
          cpuCores: total(existing, ({ cpuCores }) => cpuCores),
          ramMb: total(existing, ({ ramMb }) => ramMb),
          diskGb: total(existing, ({ diskGb }) => diskGb),
        },
        used: usedBy(deps.newestVmSamples(), existing),
        credits: credits.totals(),
        jobs: readJobs(db, startOfDay(clock.now())),
      };
    },
  };
}

function total<T>(items: readonly T[], valueOf: (item: T) => number): number {
  return items.reduce((sum, item) => sum + valueOf(item), 0);
}

function startOfDay(nowMs: number): number {
  return new Date(nowMs).setHours(0, 0, 0, 0);
}

function readVms({ orm }: Db): VmNumbers[] {
  const { id, state, ramMb, cpuCores, diskGb } = vms;
  return orm.select({ id, state, ramMb, cpuCores, diskGb }).from(vms).where(isNull(vms.destroyedAtMs)).all();
}

function byState(existing: readonly VmNumbers[]): Partial<Record<VmState, number>> {
  const counts: Partial<Record<VmState, number>> = {};
  for (const { state } of existing) counts[state] = (counts[state] ?? 0) + 1;
  return counts;
}

function readUsers({ orm }: Db) {
  const numbers = {
    total: count(),
    active: sql<number>`coalesce(sum(${users.active}), 0)`,
    admins: sql<number>`coalesce(sum(${users.active} and ${users.role} = 'admin'), 0)`,
  };
  const row = orm.select(numbers).from(users).where(isNull(users.deletedAtMs)).get();
  return row ?? { total: 0, active: 0, admins: 0 };
}

function readJobs({ orm }: Db, sinceMs: number) {
  const counted = (wanted: SQL | undefined) =>
    orm.select({ n: count() }).from(jobs).where(wanted).get()?.n ?? 0;
  return {
    active: counted(inArray(jobs.state, ["queued", "running"])),
    failedToday: counted(and(eq(jobs.state, "failed"), gte(jobs.endedAtMs, sinceMs))),
  };
}

/** The share of the processor is of all cores that the measured VMs have. */
export function usedBy(
  samples: readonly VmSample[],
  existing: readonly Pick<VmNumbers, "id" | "cpuCores">[],
): Statistics["used"] {
  const coresOf = new Map(existing.map(({ id, cpuCores }) => [id, cpuCores]));
  const cores = total(samples, ({ vmId }) => coresOf.get(vmId) ?? 0);
  const busy = total(samples, ({ vmId, cpuPercent }) => cpuPercent * (coresOf.get(vmId) ?? 0));
  return {
    cpuPercent: cores === 0 ? 0 : busy / cores,
    memoryBytes: total(samples, ({ memoryUsedBytes }) => memoryUsedBytes),
    diskBytes: total(samples, ({ diskUsedBytes }) => diskUsedBytes),
  };
}
