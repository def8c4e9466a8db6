/** One line of text per thing that happened. Pure. */
import type { HelloFrame, HostSample, JobView, VmSample, VmView } from "#protocol";
import { formatBytes, formatPercent, formatTime, printable } from "../format.ts";
import type { WatchMessage } from "./watch-message.ts";

export function describeHello(hello: HelloFrame | null): string {
  if (hello === null) return "connected";
  return `${hello.user.username} on Twarga ${hello.version}, ${hello.driver.label}`;
}

/** `nowMs` is the time of what carries none of its own. */
export function describeMessage(message: WatchMessage, nowMs: number): string[] {
  switch (message.topic) {
    case "vm.state":
      if (message.kind === "snapshot") return message.data.vms.map((vm) => vmLine(vm, nowMs));
      if (message.data.kind === "removed") return [line(nowMs, "vm.state", `#${message.data.vmId} removed`)];
      return [vmLine(message.data.vm, nowMs)];
    case "job.state": {
      if (message.kind === "event") return [jobLine(message.data.job, nowMs)];
      return message.data.jobs
        .filter(({ endedAtMs }) => endedAtMs === null)
        .map((job) => jobLine(job, nowMs));
    }
    case "metrics.host": {
      const sample = message.kind === "event" ? message.data.sample : message.data.history.at(-1);
      return sample ? [hostLine(sample)] : [];
    }
    case "metrics.vms": {
      if (message.kind === "event") return message.data.samples.map(sampleLine);
      return message.data.vms.flatMap(({ history }) => history.slice(-1).map(sampleLine));
    }
    default:
      return message satisfies never;
  }
}

function line(atMs: number, topic: string, text: string): string {
  return `${formatTime(atMs)}  ${topic.padEnd(12)}  ${text}`;
}

function vmLine(vm: VmView, nowMs: number): string {
  const ip = vm.ip === null ? "" : ` ${vm.ip}`;
  const error = vm.error === null ? "" : `: ${printable(vm.error.message)}`;
  return line(nowMs, "vm.state", `${vm.name} ${vm.state}${ip}${error}`);
}

function jobLine(job: JobView, nowMs: number): string {
  const what = job.error === null ? (job.step ?? "") : job.error.message;
  const done = `${Math.round(job.progress * 100)} %`;
  return line(
    nowMs,
    "job.state",
    `#${job.id} ${job.kind} ${job.targetName} ${job.state} ${done} ${printable(what)}`,
  );
}

function hostLine(sample: HostSample): string {
  const memory = `${formatBytes(sample.memoryUsedBytes)} of ${formatBytes(sample.memoryTotalBytes)}`;
  return line(
    sample.atMs,
    "metrics.host",
    `cpu ${formatPercent(sample.cpuPercent)} memory ${memory} load ${sample.load1.toFixed(2)}`,
  );
}

function sampleLine(sample: VmSample): string {
  const memory = `${formatBytes(sample.memoryUsedBytes)} of ${formatBytes(sample.memoryTotalBytes)}`;
  const network = `in ${formatBytes(sample.networkRxBytesPerS)}/s out ${formatBytes(sample.networkTxBytesPerS)}/s`;
  return line(
    sample.atMs,
    "metrics.vms",
    `#${sample.vmId} cpu ${formatPercent(sample.cpuPercent)} memory ${memory} ${network}`,
  );
}
