/** Jobs, images and VMs wired as in the server, on an in-memory database, a clock moved by hand and the simulated driver. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type CommandName,
  type CommandOutput,
  type CommandRequest,
  commands,
  type EventOf,
  type JobView,
  type Role,
  type TopicName,
  type VmId,
  type VmView,
} from "#protocol";
import { type Db, openDb } from "../../../db/client.ts";
import { users } from "../../../db/schema/index.ts";
import { createBus } from "../../../server/core/bus.ts";
import type { Session } from "../../../server/core/caller.ts";
import type { AppError } from "../../../server/core/errors.ts";
import { createLog } from "../../../server/core/log.ts";
import { createCursors } from "../../../server/core/paging.ts";
import { createSimulatedDriver } from "../../../server/drivers/simulated/index.ts";
import { createCreditFeature } from "../../../server/features/credits/index.ts";
import { createEventFeature } from "../../../server/features/events/index.ts";
import { createImageFeature } from "../../../server/features/images/index.ts";
import { createJobFeature } from "../../../server/features/jobs/index.ts";
import { createQuotaFeature, type HostProbe } from "../../../server/features/quotas/index.ts";
import { createSettingsFeature } from "../../../server/features/settings/index.ts";
import { createVmFeature, vmJobKinds } from "../../../server/features/vms/index.ts";
import { ManualClock } from "../../helpers/manual-clock.ts";
import { waitFor } from "../../helpers/wait-for.ts";
import { FaultyDriver } from "./faulty-driver.ts";

export const lab = { image: "lab", ramMb: 512, cpuCores: 1, diskGb: 10 };

export interface CloudOptions {
  readonly db?: Db;
  readonly vmsDir?: string;
  readonly host?: HostProbe | null;
}

export type TestCloud = ReturnType<typeof openCloud>;

export function openCloud(options: CloudOptions = {}) {
  const db = options.db ?? openDb(":memory:");
  const vmsDir = options.vmsDir ?? mkdtempSync(join(tmpdir(), "twarga-vms-"));
  const clock = new ManualClock();
  const bus = createBus();
  const log = createLog("silent");
  const driver = new FaultyDriver(createSimulatedDriver({ vmsDir, clock, log, reason: "a test" }));
  const base = { db, bus, clock, log, cursors: createCursors("a secret of the test") };
  const events = createEventFeature(base);
  const settings = createSettingsFeature({ ...base, events: events.log });
  const monotonicMs = () => clock.now();
  const credits = createCreditFeature({ ...base, settings, events: events.log, monotonicMs });
  const quotas = createQuotaFeature({ ...base, settings, host: options.host ?? null });
  const jobs = createJobFeature(base);
  const images = createImageFeature({
    ...{ ...base, driver, vmsDir, maxUploadBytes: 1e9 },
    jobs: jobs.runner,
  });
  const vms = createVmFeature({
    ...{ ...base, driver, images, settings, events: events.log },
    ...{ jobs: jobs.runner, billing: credits.billing, admission: quotas.admission },
  });
  jobs.onRetry(vmJobKinds, vms.retry);
  credits.onEmpty((userId) => vms.stopRunning(userId));
  const heard: { topic: TopicName; to: unknown; data: unknown }[] = [];
  bus.onAny((event) => heard.push(event));

  const features = [events, settings, credits, quotas, jobs, images, vms];
  const bound = features.flatMap((feature) => feature.commands);

  /** Parses input and output by the command table, as the gateway does. */
  async function call<N extends CommandName>(
    session: Session,
    name: N,
    input: CommandRequest<N>,
    requestKey?: string,
  ): Promise<CommandOutput<N>> {
    const command = bound.find((candidate) => candidate.name === name);
    if (!command) throw new Error(`No command ${name}`);
    const asked = { session, face: "rest" as const, remoteAddress: "", userAgent: "", channel: null };
    const caller = requestKey === undefined ? asked : { ...asked, requestKey };
    const output = await command.run(commands[name].input.parse(input), caller);
    return commands[name].output.parse(output) as CommandOutput<N>;
  }

  /** Lets time pass until `probe` yields something. */
  function until<T>(what: string, probe: () => T | Promise<T>) {
    return waitFor(
      what,
      () => {
        clock.advance(50);
        return probe();
      },
      { everyMs: 0, timeoutMs: 30_000 },
    );
  }

  return {
    db,
    vmsDir,
    clock,
    bus,
    driver,
    jobs,
    vms,
    credits,
    quotas,
    settings,
    heard,
    call,
    until,
    eventsOf: <T extends TopicName>(topic: T) =>
      heard.filter((event) => event.topic === topic).map(({ data }) => data as EventOf<T>),
    user(username: string, role: Role = "user"): Session {
      const row = db.orm
        .insert(users)
        .values({ username, role, passwordHash: "-", createdAtMs: 0 })
        .returning()
        .get();
      credits.accounts.created(row.id, username);
      return {
        sessionId: username,
        userId: row.id,
        username,
        role,
        expiresAtMs: Number.MAX_SAFE_INTEGER,
        kind: "login",
        scope: "write",
        mustChangePassword: false,
      };
    },
    vm: async (session: Session, vmId: VmId): Promise<VmView> => (await call(session, "vm.get", { vmId })).vm,
    jobEnd: (session: Session, jobId: number): Promise<JobView> =>
      until(`the end of job ${jobId}`, async () => {
        const { job } = await call(session, "job.get", { jobId });
        return job.endedAtMs !== null && job;
      }),
    onHost: async () => (await driver.inspect()).map(({ ref, state }) => `${ref.name} ${state}`),
    async close() {
      const closing = Promise.all(features.map((feature) => feature.dispose()));
      clock.advance(60_000);
      await closing;
      await driver.dispose();
      db.close();
      rmSync(vmsDir, { recursive: true, force: true });
    },
  };
}

/** A running VM. */
export async function launch(cloud: TestCloud, session: Session, name = "web01"): Promise<VmView> {
  const { vm, jobId } = await cloud.call(session, "vm.create", { ...lab, name });
  await cloud.jobEnd(session, jobId);
  return cloud.vm(session, vm.id);
}

/** The refusal of a call that must not succeed. */
export async function refusal(call: Promise<unknown>): Promise<Pick<AppError, "code" | "message" | "field">> {
  const thrown: unknown = await call.then(
    () => null,
    (error: unknown) => error,
  );
  if (!(thrown instanceof Error) || !("code" in thrown)) throw new Error(`Not refused: ${String(thrown)}`);
  const { code, message, field } = thrown as AppError;
  return { code, message, field };
}
