/** What `watch` shows of what it hears. */
import { describe, expect, test } from "bun:test";
import { topics } from "#protocol";
import { describeMessage } from "../../server/cli/watch/describe-message.ts";
import { applyMessage, emptyState, renderLive } from "../../server/cli/watch/live-state.ts";
import type { WatchMessage } from "../../server/cli/watch/watch-message.ts";
import { job as jobOf } from "../ui/jobs/job-views.ts";
import { vm as vmOf } from "../ui/vms/vm-views.ts";

const NOON = new Date(2026, 0, 1, 12).getTime();
const vm = vmOf(3, {
  name: "web01",
  state: "running",
  ip: "10.0.0.2",
  activeJobId: 5,
  createdAtMs: 1,
  startedAtMs: 1,
});
const job = jobOf(5, {
  kind: "vm.stop",
  state: "running",
  vmId: 3,
  step: "Shutting down",
  progress: 0.5,
  cancellable: true,
  createdAtMs: 1,
  startedAtMs: 1,
});
const sample = topics["metrics.vms"].event.parse({
  samples: [
    {
      vmId: 3,
      atMs: NOON,
      cpuPercent: 12.34,
      memoryTotalBytes: 2 ** 29,
      memoryUsedBytes: 2 ** 28,
      diskTotalBytes: 1,
      diskUsedBytes: 1,
      diskReadBytesPerS: 0,
      diskWriteBytesPerS: 0,
      networkRxBytesPerS: 2048,
      networkTxBytesPerS: 0,
      uptimeSeconds: 61,
    },
  ],
});

const messages: WatchMessage[] = [
  { topic: "vm.state", kind: "snapshot", seq: 1, data: { vms: [vm] } },
  { topic: "job.state", kind: "event", data: { job } },
  { topic: "metrics.vms", kind: "event", data: sample },
];

describe("lines", () => {
  test("say what happened, one each", () => {
    expect(messages.flatMap((message) => describeMessage(message, NOON))).toEqual([
      "12:00:00  vm.state      web01 running 10.0.0.2",
      "12:00:00  job.state     #5 vm.stop web01 running 50 % Shutting down",
      "12:00:00  metrics.vms   #3 cpu 12.3 % memory 256 MiB of 512 MiB in 2.0 KiB/s out 0 B/s",
    ]);
  });
});

describe("live table", () => {
  const full = messages.reduce((state, message) => applyMessage(state, message, NOON), emptyState);

  test("shows each VM with its newest sample and its job", () => {
    const text = renderLive(full, "connected", { cols: 100, rows: 24 }).join("\n");
    expect(text).toContain("connected");
    expect(text).toMatch(/web01 +running +10\.0\.0\.2 +12\.3 % +256 MiB +1m 1s +50 % Shutting down/);
    expect(text).toContain("#5 vm.stop web01");
  });

  test("forgets a VM that is gone and a job that has ended", () => {
    const ended = applyMessage(
      full,
      { topic: "job.state", kind: "event", data: { job: { ...job, state: "succeeded", endedAtMs: NOON } } },
      NOON,
    );
    expect(ended.jobs.size).toBe(0);
    const gone = applyMessage(
      ended,
      { topic: "vm.state", kind: "event", data: { kind: "removed", vmId: vm.id } },
      NOON,
    );
    expect(renderLive(gone, "", { cols: 80, rows: 24 }).join("\n")).toContain("no VMs");
  });

  test("never needs more room than there is", () => {
    for (const rows of [1, 2, 5, 24]) {
      const lines = renderLive(full, "x".repeat(200), { cols: 40, rows });
      expect(lines.length).toBeLessThan(Math.max(rows, 1) + 1);
      expect(lines.every((line) => line.length <= 40)).toBeTrue();
    }
  });
});
