/** Long work: `job.*` commands, the `job.state` and `job.output` topics. */
import { z } from "zod";
import { command } from "./command-spec.ts";
import { epochMs, jobId, userId, vmId } from "./ids.ts";
import { topic } from "./topic-spec.ts";

export const jobKind = z.enum(["vm.create", "vm.start", "vm.stop", "vm.restart", "vm.destroy"]);
export type JobKind = z.infer<typeof jobKind>;

const jobStates = ["queued", "running", "succeeded", "failed", "cancelled"] as const;
export const jobState = z.enum(jobStates, `one of ${jobStates.join(", ")}`);
export type JobState = z.infer<typeof jobState>;

export const jobView = z.object({
  id: jobId,
  kind: jobKind,
  state: jobState,
  ownerId: userId,
  ownerName: z.string(),
  vmId,
  vmName: z.string(),
  /** What it does now, in a few words; null before it starts. */
  step: z.string().nullable(),
  /** 0 to 1, an estimate from the steps passed. */
  progress: z.number().min(0).max(1),
  error: z.object({ code: z.string(), message: z.string(), detail: z.string() }).nullable(),
  cancellable: z.boolean(),
  createdAtMs: epochMs,
  startedAtMs: epochMs.nullable(),
  endedAtMs: epochMs.nullable(),
});
export type JobView = z.infer<typeof jobView>;

export const jobLine = z.object({
  /** Line number within the job, from 1. */
  n: z.int().positive(),
  atMs: epochMs,
  stream: z.enum(["info", "error", "step"]),
  text: z.string(),
});
export type JobLine = z.infer<typeof jobLine>;

const limitRule = "a whole number from 1 to 200";

export const jobCommands = {
  "job.list": command({
    summary: "Your newest jobs, newest first",
    access: "user",
    effect: "read",
    input: z.strictObject({
      vmId: vmId.optional(),
      state: jobState.optional(),
      limit: z.int(limitRule).min(1, limitRule).max(200, limitRule).default(50),
    }),
    output: z.object({ jobs: z.array(jobView) }),
    rest: { method: "GET", path: "/api/jobs" },
  }),
  "job.get": command({
    summary: "One job with its output",
    access: "user",
    effect: "read",
    input: z.strictObject({ jobId }),
    output: z.object({ job: jobView, lines: z.array(jobLine) }),
    rest: { method: "GET", path: "/api/jobs/{jobId}" },
  }),
  "job.cancel": command({
    summary: "Cancel a queued or running job",
    access: "user",
    effect: "write",
    input: z.strictObject({ jobId }),
    output: z.object({ job: jobView }),
    rest: { method: "POST", path: "/api/jobs/{jobId}/cancel", status: 202 },
  }),
} as const;

export const jobTopics = {
  "job.state": topic({
    summary: "Every change of your jobs; the snapshot holds the active and the 50 newest",
    policy: "latest-per-key",
    scope: "owner",
    snapshot: z.object({ jobs: z.array(jobView) }),
    event: z.object({ job: jobView }),
  }),
  "job.output": topic({
    summary: "Live output of one job; the key is the job id",
    policy: "log",
    scope: "keyed",
    snapshot: z.object({ lines: z.array(jobLine) }),
    event: z.object({ lines: z.array(jobLine) }),
  }),
} as const;
