/**
 * A small server that kills itself with SIGKILL at a chosen moment. Run by kill-drills.test.ts.
 * `live HOME`: reconciles, then does every kind of work on a VM and prints every answer it gives.
 * `check HOME`: reconciles, waits for what goes on from the crash, and prints what is there.
 */
import { writeSync } from "node:fs";
import { join } from "node:path";
import { commands, type CommandName, type CommandOutput, type CommandRequest, priceOf } from "#protocol";
import { type Db, openDb } from "../../../db/client.ts";
import { users } from "../../../db/schema/index.ts";
import { createBus } from "../../../server/core/bus.ts";
import type { Session } from "../../../server/core/caller.ts";
import { systemClock } from "../../../server/core/clock.ts";
import { createLog } from "../../../server/core/log.ts";
import { createCursors } from "../../../server/core/paging.ts";
import { createSimulatedDriver } from "../../../server/drivers/simulated/index.ts";
import type { DriverRun, ObservedVm, VmDriver } from "../../../server/drivers/vm-driver.ts";
import { createCreditFeature } from "../../../server/features/credits/index.ts";
import { createEventFeature } from "../../../server/features/events/index.ts";
import { createImageFeature } from "../../../server/features/images/index.ts";
import { createJobFeature } from "../../../server/features/jobs/index.ts";
import { createQuotaFeature } from "../../../server/features/quotas/index.ts";
import { createSettingsFeature } from "../../../server/features/settings/index.ts";
import { createVmFeature } from "../../../server/features/vms/index.ts";
import { waitFor } from "../../helpers/wait-for.ts";

const [mode, home = ""] = Bun.argv.slice(2);
const crashAt = Number(process.env["TWARGA_TEST_CRASH_AT"] ?? 0);
/** The moments passed so far. */
const names: string[] = [];

/** One moment at which a crash may come. */
function point(name: string): void {
  names.push(name);
  if (names.length !== crashAt) return;
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
    program: (argv) => run.program(argv),
    step(text, progress) {
      point(`at the step ${text}`);
      run.step(text, progress);
    },
  };
}

async function at<T>(name: string, run: DriverRun, work: (crashing: DriverRun) => Promise<T>): Promise<T> {
  point(`before ${name}`);
  const result = await work(crashingRun(run));
  point(`after ${name}`);
  return result;
}

function crashingDriver(real: VmDriver): VmDriver {
  return {
    info: real.info,
    abilities: real.abilities,
    images: (wanted) => real.images(wanted),
    addImage: (...args) => real.addImage(...args),
    removeImage: (...args) => real.removeImage(...args),
    create: (machine, run) => at("create", run, (crashing) => real.create(machine, crashing)),
    start: (ref, run) => at("start", run, (crashing) => real.start(ref, crashing)),
    stop: (ref, run) => at("stop", run, (crashing) => real.stop(ref, crashing)),
    restart: (ref, run) => at("restart", run, (crashing) => real.restart(ref, crashing)),
    destroy: (ref, run) => at("destroy", run, (crashing) => real.destroy(ref, crashing)),
    resize: (ref, size, run) => at("resize", run, (crashing) => real.resize(ref, size, crashing)),
    clone: (source, snapshot, machine, run) =>
      at("clone", run, (crashing) => real.clone(source, snapshot, machine, crashing)),
    createSnapshot: (ref, name, run) =>
      at("createSnapshot", run, (crashing) => real.createSnapshot(ref, name, crashing)),
    restoreSnapshot: (ref, name, run) =>
      at("restoreSnapshot", run, (crashing) => real.restoreSnapshot(ref, name, crashing)),
    deleteSnapshot: (ref, name, run) =>
      at("deleteSnapshot", run, (crashing) => real.deleteSnapshot(ref, name, crashing)),
    listSnapshots: (ref) => real.listSnapshots(ref),
    setSshKeys: (ref, keys) => real.setSshKeys(ref, keys),
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
const base = { db, bus, clock, log, cursors: createCursors("a secret of the test") };
const events = createEventFeature(base);
const settings = createSettingsFeature({ ...base, events: events.log });
const credits = createCreditFeature({ ...base, settings, events: events.log });
const quotas = createQuotaFeature({ ...base, settings, host: null });
const jobs = createJobFeature(base);
const images = createImageFeature({
  ...{ ...base, driver, vmsDir: join(home, "vms"), maxUploadBytes: 1_000_000 },
  jobs: jobs.runner,
});
const vms = createVmFeature({
  ...{ ...base, driver, images, settings, events: events.log },
  ...{ jobs: jobs.runner, billing: credits.billing, admission: quotas.admission },
});
const bound = [...jobs.commands, ...vms.commands, ...credits.commands];

async function call<N extends CommandName>(session: Session, name: N, input: CommandRequest<N>) {
  const command = bound.find((candidate) => candidate.name === name);
  const caller = { session, face: "rest" as const, remoteAddress: "", userAgent: "", channel: null };
  return (await command?.run(commands[name].input.parse(input), caller)) as CommandOutput<N>;
}

function logIn(): Session {
  const row = plainDb.orm.select().from(users).get() ?? register();
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

function register() {
  const ada = { username: "ada", passwordHash: "-", createdAtMs: 0 };
  const row = plainDb.orm.insert(users).values(ada).returning().get();
  credits.accounts.created(row.id, "ada");
  return row;
}

/** Every kind of work on a VM, one after the other, each told as soon as it is accepted. */
async function live(ada: Session): Promise<void> {
  const does = async (work: Promise<{ jobId: number }>) => {
    const { jobId } = await work;
    say({ acked: jobId });
    const hasEnded = async () => (await call(ada, "job.get", { jobId })).job.endedAtMs !== null;
    await waitFor("the end of a job", hasEnded, { timeoutMs: 30_000 });
  };
  const create = call(ada, "vm.create", { image: "lab", ramMb: 512, cpuCores: 1, diskGb: 10, name: "web01" });
  await does(create);
  const vmId = (await create).vm.id;
  const snapshotOf = async () => (await call(ada, "snapshot.list", { vmId })).snapshots[0]?.id ?? 0;

  await does(call(ada, "snapshot.create", { vmId, name: "running" }));
  await does(call(ada, "snapshot.restore", { vmId, snapshotId: await snapshotOf() }));
  await does(call(ada, "vm.stop", { vmId }));
  await does(call(ada, "snapshot.delete", { vmId, snapshotId: await snapshotOf() }));
  await does(call(ada, "vm.resize", { vmId, ramMb: 1_024, diskGb: 20 }));
  await does(call(ada, "vm.clone", { vmId, name: "web02" }));
  await does(call(ada, "vm.start", { vmId }));
  await does(call(ada, "vm.restart", { vmId }));
  await does(call(ada, "snapshot.create", { vmId, name: "lost" }));
  await does(call(ada, "vm.rebuild", { vmId, image: "debian-12" }));
  await does(call(ada, "vm.destroy", { vmId }));
  say({ points: names });
}

async function check(ada: Session): Promise<void> {
  const report = await vms.reconcile();
  await report.finished;
  const rows = (await call(ada, "vm.list", {})).vms;
  const { entries } = await call(ada, "credits.ledger", { limit: 200 });
  const countOf = (kind: string) => entries.filter((entry) => entry.kind === kind).length;
  const host = await driver.inspect();
  say({
    orphans: report.orphans,
    rows: rows.map(({ name, state, activeJobId }) => ({ name, state, activeJobId })),
    jobs: (await call(ada, "job.list", { limit: 200 })).jobs.map(({ id, state }) => ({ id, state })),
    host: host.map(({ ref, state }) => ({ name: ref.name, state })),
    snapshots: {
      rows: rows.flatMap((vm) => vm.snapshots.map(({ id, state }) => `${vm.name} s${id} ${state}`)),
      host: await snapshotsOnHost(host),
    },
    money: {
      holds: countOf("hold"),
      releases: countOf("release"),
      held: credits.viewOf(ada.userId).held,
      burnPerHour: credits.viewOf(ada.userId).burnPerHour,
      priceOfRows: rows.reduce((sum, vm) => sum + priceOf(vm, vm.state), 0),
    },
    integrity: plainDb.sqlite.query("PRAGMA integrity_check").values().flat(),
    foreignKeys: plainDb.sqlite.query("PRAGMA foreign_key_check").values(),
  });
}

async function snapshotsOnHost(host: readonly ObservedVm[]): Promise<string[]> {
  const lists = host.map(async ({ ref }) =>
    (await driver.listSnapshots(ref)).map((name) => `${ref.name} ${name} ready`),
  );
  return (await Promise.all(lists)).flat();
}

const ada = logIn();
if (isLive) {
  await vms.reconcile();
  await live(ada);
} else await check(ada);
process.exit(0);
