/**
 * A small server that kills itself with SIGKILL at a chosen moment. Run by kill-drills.test.ts.
 * `live HOME`: reconciles, then takes one VM through its whole life and prints every answer it gives.
 * `check HOME`: reconciles, waits for what goes on from the crash, and prints what is there.
 */
import { writeSync } from "node:fs";
import { join } from "node:path";
import { commands, type CommandName, type CommandOutput, type CommandRequest } from "#protocol";
import { type Db, openDb } from "../../../db/client.ts";
import { users } from "../../../db/schema/index.ts";
import { createBus } from "../../../server/core/bus.ts";
import type { Session } from "../../../server/core/caller.ts";
import { systemClock } from "../../../server/core/clock.ts";
import { createLog } from "../../../server/core/log.ts";
import { createSimulatedDriver } from "../../../server/drivers/simulated/index.ts";
import type { DriverRun, VmDriver } from "../../../server/drivers/vm-driver.ts";
import { createImageFeature } from "../../../server/features/images/index.ts";
import { createJobFeature } from "../../../server/features/jobs/index.ts";
import { createVmFeature } from "../../../server/features/vms/index.ts";
import { waitFor } from "../../helpers/wait-for.ts";

const [mode, home = ""] = Bun.argv.slice(2);
const crashAt = Number(process.env["TWARGA_TEST_CRASH_AT"] ?? 0);
let passed = 0;

/** One moment at which a crash may come. */
function point(name: string): void {
  passed += 1;
  if (passed !== crashAt) return;
  say({ crashedAt: name });
  process.kill(process.pid, "SIGKILL");
}

function say(line: object): void {
  // Synchronous, so that an answer is out before the process can die.
  writeSync(1, `${JSON.stringify(line)}\n`);
}

function crashingDb(db: Db): Db {
  return {
    ...db,
    tx(work) {
      const result = db.tx(() => {
        const inner = work();
        point("before a commit");
        return inner;
      });
      point("after a commit");
      return result;
    },
  };
}

function crashingRun(run: DriverRun): DriverRun {
  return {
    signal: run.signal,
    output: (stream, text) => run.output(stream, text),
    step(text, progress) {
      point(`at the step ${text}`);
      run.step(text, progress);
    },
  };
}

async function at<T>(name: string, work: () => Promise<T>): Promise<T> {
  point(`before ${name}`);
  const result = await work();
  point(`after ${name}`);
  return result;
}

function crashingDriver(real: VmDriver): VmDriver {
  return {
    info: real.info,
    images: () => real.images(),
    create: (machine, run) => at("create", () => real.create(machine, crashingRun(run))),
    start: (ref, run) => at("start", () => real.start(ref, crashingRun(run))),
    stop: (ref, run) => at("stop", () => real.stop(ref, crashingRun(run))),
    restart: (ref, run) => at("restart", () => real.restart(ref, crashingRun(run))),
    destroy: (ref, run) => at("destroy", () => real.destroy(ref, crashingRun(run))),
    inspect: () => real.inspect(),
    watch: (listener) => real.watch(listener),
    sample: () => real.sample(),
    openTerminal: (...args) => real.openTerminal(...args),
    dispose: () => real.dispose(),
  };
}

const isLive = mode === "live";
const plainDb = openDb(join(home, "twarga.sqlite"));
const db = isLive ? crashingDb(plainDb) : plainDb;
const clock = systemClock;
const log = createLog("silent");
const bus = createBus();
const simulated = createSimulatedDriver({
  vmsDir: join(home, "vms"),
  clock,
  log,
  reason: "a test",
  speed: 400,
});
const driver = isLive ? crashingDriver(simulated) : simulated;
const jobs = createJobFeature({ db, bus, clock, log });
const images = createImageFeature({
  ...{ db, bus, clock, log, driver, jobs: jobs.runner },
  vmsDir: join(home, "vms"),
  maxUploadBytes: 1e9,
});
const vms = createVmFeature({ db, bus, clock, log, driver, jobs: jobs.runner, images });
const bound = [...jobs.commands, ...vms.commands];

async function call<N extends CommandName>(session: Session, name: N, input: CommandRequest<N>) {
  const command = bound.find((candidate) => candidate.name === name);
  const caller = { session, face: "rest" as const, remoteAddress: "", userAgent: "", channel: null };
  return (await command?.run(commands[name].input.parse(input), caller)) as CommandOutput<N>;
}

function logIn(): Session {
  const row =
    plainDb.orm.select().from(users).get() ??
    plainDb.orm
      .insert(users)
      .values({ username: "ada", passwordHash: "-", createdAtMs: 0 })
      .returning()
      .get();
  return {
    sessionId: "s",
    userId: row.id,
    username: "ada",
    role: "user",
    expiresAtMs: Number.MAX_SAFE_INTEGER,
    kind: "login",
    scope: "write",
    mustChangePassword: false,
  };
}

async function live(ada: Session): Promise<void> {
  const ended = (jobId: number) =>
    waitFor("the end of a job", async () => (await call(ada, "job.get", { jobId })).job.endedAtMs !== null);
  const size = { image: "lab", ramMb: 512, cpuCores: 1, diskGb: 10 };
  const created = await call(ada, "vm.create", { ...size, name: "web01" });
  say({ acked: created.jobId, vmId: created.vm.id });
  await ended(created.jobId);
  for (const name of ["vm.stop", "vm.start", "vm.restart", "vm.destroy"] as const) {
    const { jobId } = await call(ada, name, { vmId: created.vm.id });
    say({ acked: jobId, vmId: created.vm.id });
    await ended(jobId);
  }
  say({ points: passed });
}

async function check(ada: Session): Promise<void> {
  const report = await vms.reconcile();
  await report.finished;
  const rows = (await call(ada, "vm.list", {})).vms;
  say({
    orphans: report.orphans,
    rows: rows.map(({ name, state, activeJobId }) => ({ name, state, activeJobId })),
    jobs: (await call(ada, "job.list", {})).jobs.map(({ id, state }) => ({ id, state })),
    host: (await driver.inspect()).map(({ ref, state }) => ({ name: ref.name, state })),
    integrity: plainDb.sqlite.query("PRAGMA integrity_check").values().flat(),
    foreignKeys: plainDb.sqlite.query("PRAGMA foreign_key_check").values(),
  });
}

const ada = logIn();
if (isLive) {
  await vms.reconcile();
  await live(ada);
} else await check(ada);
process.exit(0);
