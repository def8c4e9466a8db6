/** The numbers of the whole cloud as of now. */
import { sql } from "drizzle-orm";
import { type Statistics, type VmId, type VmSample, type VmState } from "#protocol";
import type { Db } from "../../../db/client.ts";
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
      const vms = readVms(db);
      return {
        host: quotas.capacity(),
        users: { ...readUsers(db), online: deps.onlineUserCount() },
        vms: { total: vms.length, byState: byState(vms) },
        allocated: {
          cpuCores: total(vms, ({ cpuCores }) => cpuCores),
          ramMb: total(vms, ({ ramMb }) => ramMb),
          diskGb: total(vms, ({ diskGb }) => diskGb),
        },
        used: usedBy(deps.newestVmSamples(), vms),
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
  return orm.all<VmNumbers>(sql`
    select id, state, ram_mb as ramMb, cpu_cores as cpuCores, disk_gb as diskGb
    from vms where destroyed_at_ms is null`);
}

function byState(vms: readonly VmNumbers[]): Partial<Record<VmState, number>> {
  const counts: Partial<Record<VmState, number>> = {};
  for (const { state } of vms) counts[state] = (counts[state] ?? 0) + 1;
  return counts;
}

function readUsers({ orm }: Db) {
  const row = orm.get<{ total: number; active: number; admins: number }>(sql`
    select count(*) as total, coalesce(sum(active), 0) as active,
      coalesce(sum(active and role = 'admin'), 0) as admins
    from users where deleted_at_ms is null`);
  return row ?? { total: 0, active: 0, admins: 0 };
}

function readJobs({ orm }: Db, sinceMs: number) {
  const row = orm.get<{ active: number; failedToday: number }>(sql`
    select (select count(*) from jobs where state in ('queued', 'running')) as active,
      (select count(*) from jobs where state = 'failed' and ended_at_ms >= ${sinceMs}) as failedToday`);
  return row ?? { active: 0, failedToday: 0 };
}

/** The share of the processor is of all cores that the measured VMs have. */
export function usedBy(samples: readonly VmSample[], vms: readonly VmNumbers[]): Statistics["used"] {
  const coresOf = new Map(vms.map(({ id, cpuCores }) => [id, cpuCores]));
  const cores = total(samples, ({ vmId }) => coresOf.get(vmId) ?? 0);
  const busy = total(samples, ({ vmId, cpuPercent }) => cpuPercent * (coresOf.get(vmId) ?? 0));
  return {
    cpuPercent: cores === 0 ? 0 : busy / cores,
    memoryBytes: total(samples, ({ memoryUsedBytes }) => memoryUsedBytes),
    diskBytes: total(samples, ({ diskUsedBytes }) => diskUsedBytes),
  };
}
