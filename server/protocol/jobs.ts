/** Long work: `job.*` commands, the `job.state` and `job.output` topics. */
import { z } from "zod";
import { command } from "./command-spec.ts";
import { oneOf } from "./fields.ts";
import { epochMs, jobId, userId, vmId } from "./ids.ts";
import { imageId } from "./images.ts";
import { nextCursor, pageFields } from "./paging.ts";
import { topic } from "./topic-spec.ts";

export const jobKinds = [
  "vm.create",
  "vm.start",
  "vm.stop",
  "vm.restart",
  "vm.destroy",
  "vm.resize",
  "vm.rebuild",
  "vm.clone",
  "snapshot.create",
  "snapshot.restore",
  "snapshot.delete",
  "image.build",
  "image.fetch",
  "image.import",
] as const;
export const jobKind = oneOf(jobKinds);
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
  /** Who asked for it; null for the server itself, e.g. a schedule. */
  actorName: z.string().nullable(),
  /** What it works on; an image job has no VM. */
  vmId: vmId.nullable(),
  imageId: imageId.nullable(),
  /** Name of the VM or the image. */
  targetName: z.string(),
  /** What it does now, in a few words; null before it starts. */
  step: z.string().nullable(),
  /** 0 to 1, an estimate from the steps passed. */
  progress: z.number().min(0).max(1),
  error: z.object({ code: z.string(), message: z.string(), detail: z.string() }).nullable(),
  cancellable: z.boolean(),
  /** It failed or was cancelled, and the same can be asked for again. */
  retryable: z.boolean(),
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

/** One program that a job ran: what the "Explain" panel shows. */
export const jobProgram = z.object({
  n: z.int().positive(),
  /** As one could type it in a shell; secrets are left out. */
  commandLine: z.string(),
  startedAtMs: epochMs,
  endedAtMs: epochMs.nullable(),
  exitCode: z.int().nullable(),
});
export type JobProgram = z.infer<typeof jobProgram>;

export const jobCommands = {
  "job.list": command({
    summary: "Your newest jobs, newest first",
    access: "user",
    effect: "read",
    input: z.strictObject({
      vmId: vmId.optional(),
      state: jobState.optional(),
      kind: jobKind.optional(),
      ...pageFields,
    }),
    output: z.object({ jobs: z.array(jobView), nextCursor }),
    rest: { method: "GET", path: "/api/jobs" },
  }),
  "job.get": command({
    summary: "One job with its output and the programs it ran",
    access: "user",
    effect: "read",
    input: z.strictObject({ jobId }),
    output: z.object({ job: jobView, lines: z.array(jobLine), programs: z.array(jobProgram) }),
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
  "job.retry": command({
    summary: "Ask again for what a failed or cancelled job was to do",
    access: "user",
    effect: "write",
    input: z.strictObject({ jobId }),
    output: z.object({ jobId }),
    rest: { method: "POST", path: "/api/jobs/{jobId}/retry", status: 202 },
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
