/** What the live table shows: the newest of everything, and the last few events. Pure. */
import type { HostSample, JobView, VmId, VmSample, VmView } from "#protocol";
import { renderTable } from "../table.ts";
import { formatBytes, formatDuration, formatPercent } from "../format.ts";
import { describeMessage } from "./describe-message.ts";
import type { WatchMessage } from "./watch-message.ts";

const EVENTS_KEPT = 100;

export interface LiveState {
  readonly host: HostSample | null;
  readonly vms: ReadonlyMap<VmId, VmView>;
  readonly samples: ReadonlyMap<VmId, VmSample>;
  readonly jobs: ReadonlyMap<VmId, JobView>;
  readonly events: readonly string[];
}

export const emptyState: LiveState = {
  host: null,
  vms: new Map(),
  samples: new Map(),
  jobs: new Map(),
  events: [],
};

export function applyMessage(state: LiveState, message: WatchMessage, nowMs: number): LiveState {
  switch (message.topic) {
    case "vm.state":
      return { ...state, vms: applyVms(state.vms, message), events: addEvents(state, message, nowMs) };
    case "job.state":
      return { ...state, jobs: applyJobs(state.jobs, message), events: addEvents(state, message, nowMs) };
    case "metrics.host": {
      const sample = message.kind === "event" ? message.data.sample : message.data.history.at(-1);
      return { ...state, host: sample ?? state.host };
    }
    case "metrics.vms": {
      const samples =
        message.kind === "event"
          ? message.data.samples
          : message.data.vms.flatMap(({ history }) => history.slice(-1));
      return { ...state, samples: new Map([...state.samples, ...samples.map((s) => [s.vmId, s] as const)]) };
    }
    default:
      return message satisfies never;
  }
}

type Message<T> = Extract<WatchMessage, { topic: T }>;

function applyVms(vms: LiveState["vms"], message: Message<"vm.state">): LiveState["vms"] {
  if (message.kind === "snapshot") return new Map(message.data.vms.map((vm) => [vm.id, vm]));
  const after = new Map(vms);
  if (message.data.kind === "removed") after.delete(message.data.vmId);
  else after.set(message.data.vm.id, message.data.vm);
  return after;
}

function applyJobs(jobs: LiveState["jobs"], message: Message<"job.state">): LiveState["jobs"] {
  const changed = message.kind === "event" ? [message.data.job] : message.data.jobs;
  const after = new Map(message.kind === "event" ? jobs : []);
  for (const job of changed) {
    if (job.vmId === null) continue;
    if (job.endedAtMs === null) after.set(job.vmId, job);
    else after.delete(job.vmId);
  }
  return after;
}

function addEvents(state: LiveState, message: WatchMessage, nowMs: number): readonly string[] {
  // A snapshot is what was, not what happened.
  if (message.kind === "snapshot") return state.events;
  return [...state.events, ...describeMessage(message, nowMs)].slice(-EVENTS_KEPT);
}

/** Exactly as many lines as fit. */
export function renderLive(
  state: LiveState,
  connection: string,
  size: { cols: number; rows: number },
): string[] {
  const top = [connection, hostText(state.host), "", ...vmTable(state).split("\n"), ""];
  const room = Math.max(0, size.rows - top.length - 1);
  const events = room > 0 ? state.events.slice(-room) : [];
  return [...top, ...events].slice(0, size.rows - 1).map((text) => text.slice(0, size.cols));
}

function hostText(host: HostSample | null): string {
  if (host === null) return "host: no sample yet";
  return [
    `host  cpu ${formatPercent(host.cpuPercent)}`,
    `load ${host.load1.toFixed(2)}`,
    `memory ${formatBytes(host.memoryUsedBytes)} of ${formatBytes(host.memoryTotalBytes)}`,
    `network in ${formatBytes(host.networkRxBytesPerS)}/s out ${formatBytes(host.networkTxBytesPerS)}/s`,
    `up ${formatDuration(host.uptimeSeconds * 1000)}`,
  ].join("  ");
}

function vmTable(state: LiveState): string {
  const rows = [...state.vms.values()].map((vm) => {
    const sample = vm.state === "running" ? state.samples.get(vm.id) : undefined;
    const job = state.jobs.get(vm.id);
    return [
      vm.name,
      vm.state,
      vm.ip ?? "-",
      sample ? formatPercent(sample.cpuPercent) : "-",
      sample ? formatBytes(sample.memoryUsedBytes) : "-",
      sample ? formatDuration(sample.uptimeSeconds * 1000) : "-",
      job ? `${Math.round(job.progress * 100)} % ${job.step ?? job.state}` : "",
    ];
  });
  return rows.length === 0
    ? "no VMs"
    : renderTable(["VM", "STATE", "IP", "CPU", "MEMORY", "UP", "JOB"], rows);
}
