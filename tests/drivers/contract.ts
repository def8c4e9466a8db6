/** The one suite every driver passes. Boots are dear, so one machine walks through its whole life, fact by fact. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { userId, vmId } from "#protocol";
import type { ImageRef, ObservedVm, VmDriver, VmMachine, VmRef } from "../../server/drivers/vm-driver.ts";
import { careFacts, scripted } from "./contract-care.ts";
import { record, refused } from "./record-run.ts";
import { TypedShell, until } from "./typed-shell.ts";

export interface ContractOptions {
  /** An image of the catalogue that this driver can boot. */
  readonly image: ImageRef;
  readonly timeouts: {
    /** Longest create, start or restart, until the shell answers. */
    readonly bootMs: number;
    /** Longest stop or destroy. */
    readonly stopMs: number;
    /** Longest wait for an answer in the shell or a fact of `watch`. */
    readonly answerMs: number;
  };
  /** Share of the first boot after which a second create is aborted, so that it has begun to leave traces. */
  readonly abortAfterMs: number;
  /** Whether its actions are work of programs, which it names one by one. */
  readonly runsPrograms?: boolean;
  /** The driver cannot hold a guest to the size of its disk, and says so. */
  readonly isDiskNominal?: boolean;
  /** How a guest's SSH server proves who it is; null where there is none. */
  hostKey?(ref: VmRef): string | null;
  /** Why the suite cannot run here; shown as the name of a skipped test. */
  readonly skip?: string;
}

interface Made {
  readonly driver: VmDriver;
  dispose(): Promise<void> | void;
}

/** A key whose secret half nobody has. */
const OWNER_KEY =
  "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJXLjKN0gnHnqJ1Hm2G3GVv0ya3rTLC0ohQa2vZ0Q2Xk owner@laptop";

const owner = userId.parse(7);
const refOf = (id: number, name: string): VmRef => ({ vmId: vmId.parse(id), ownerId: owner, name });

/** Registers the suite. `make` is called once; the driver is disposed at the end, machines and all. */
export function driverContract(name: string, make: () => Promise<Made>, options: ContractOptions): void {
  if (options.skip !== undefined) {
    describe.skip(`the ${name} driver`, () => test(options.skip ?? "", () => {}));
    return;
  }
  describe(`the ${name} driver`, () => contract(make, options));
}

function contract(
  make: () => Promise<Made>,
  { image, timeouts, abortAfterMs, runsPrograms, isDiskNominal = false, hostKey }: ContractOptions,
): void {
  const { bootMs, stopMs, answerMs } = timeouts;
  const ref = refOf(11, "contract01");
  const machine: VmMachine = {
    ...{ ...ref, image, ramMb: 512, cpuCores: 1, diskGb: 10 },
    ...{ sshKeys: [OWNER_KEY], startupScript: scripted.startupScript },
  };
  const lost = refOf(99, "never-made");
  const seen: ObservedVm[] = [];
  let made: Made;
  let driver: VmDriver;
  const shells: TypedShell[] = [];

  const observed = async (of: VmRef) => (await driver.inspect()).find((vm) => vm.ref.name === of.name);
  const sawState = (of: VmRef, state: ObservedVm["state"], since: number) =>
    until(answerMs, `watch reports ${state}`, () =>
      seen.slice(since).some((vm) => vm.ref.name === of.name && vm.state === state),
    );
  const openShell = async (of: VmRef = ref) => {
    const shell = await TypedShell.open(driver, of, answerMs);
    shells.push(shell);
    return shell;
  };
  const counters = async () => (await driver.sample()).find((vm) => vm.ref.name === ref.name);

  beforeAll(async () => {
    made = await make();
    driver = made.driver;
    driver.watch((vm) => void seen.push(vm));
  }, bootMs);

  afterAll(async () => {
    for (const shell of shells) shell.stream.close();
    for (const name of ["contract04", "contract05"])
      await driver?.destroy({ ...ref, name }, record().run).catch(() => {});
    await driver?.destroy(ref, record().run).catch(() => {});
    await made?.dispose();
  }, stopMs * 2);

  test("can boot the image of this suite", async () => {
    expect((await driver.images([image])).find(({ id }) => id === image.id)?.available).toBe(true);
  });

  test(
    "refuses every action on a machine that does not exist, and lets it be destroyed",
    async () => {
      await refused(driver.start(lost, record().run));
      await refused(driver.stop(lost, record().run));
      await refused(driver.restart(lost, record().run));
      await refused(driver.resize(lost, machine, record().run));
      await refused(driver.createSnapshot(lost, "s1", record().run));
      expect(await driver.listSnapshots(lost)).toEqual([]);
      await refused(driver.openTerminal(lost, { cols: 80, rows: 24 }, () => {}));
      await driver.destroy(lost, record().run);
      expect(await observed(lost)).toBeUndefined();
    },
    stopMs,
  );

  test(
    "creates a machine that runs, and tells how it got there",
    async () => {
      const since = seen.length;
      const work = record();
      const { ip, startup } = await driver.create(machine, work.run);
      expect(startup).toEqual(scripted.startup);
      expect(work.lines).toContain("started as 0");
      if (runsPrograms !== undefined) expect(work.programs.length > 0).toBe(runsPrograms);
      expect(work.programs.filter(({ exitCode }) => exitCode === "running")).toEqual([]);
      expect(ip).toMatch(/^\d+\.\d+\.\d+\.\d+$/);
      expect(work.steps.length).toBeGreaterThan(1);
      const shares = work.steps.map((step) => step.progress);
      expect(shares.every((share) => share >= 0 && share <= 1)).toBe(true);
      expect(shares).toEqual(shares.toSorted((a, b) => a - b));
      expect(work.lines.length).toBeGreaterThan(0);
      expect(await observed(ref)).toEqual({ ref, state: "running", ip });
      await sawState(ref, "running", since);
    },
    bootMs,
  );

  test(
    "refuses a second machine of the same name and leaves the first alone",
    async () => {
      expect((await refused(driver.create(machine, record().run))).code).toBe("conflict");
      expect((await observed(ref))?.state).toBe("running");
    },
    bootMs,
  );

  test(
    "answers `uname -a` typed into its shell, and ends it with its exit code",
    async () => {
      const shell = await openShell();
      await shell.answer("uname -a", /Linux .*\r?\n/);
      shell.type("exit 3\r");
      expect(await shell.stream.exited).toEqual({ exitCode: 3 });
    },
    answerMs * 3,
  );

  test(
    "tells programs the size of the terminal, also after a resize",
    async () => {
      const shell = await openShell();
      await shell.answer("stty size", /\b24 80\b/);
      shell.stream.resize({ cols: 132, rows: 43 });
      await shell.answer("stty size", /\b43 132\b/);
      shell.stream.close();
      await shell.stream.exited;
      shell.stream.close();
    },
    answerMs * 4,
  );

  test(
    "stops a flood at its source, resumes it, and Ctrl-C ends it",
    async () => {
      const shell = await openShell();
      shell.type("yes twarga-flood\r");
      await until(answerMs, "a flood", () => shell.bytes > 100_000);
      shell.stream.pause();
      const settled = await shell.settle();
      await Bun.sleep(300);
      expect(shell.bytes).toBe(settled);
      shell.stream.resume();
      await until(answerMs, "more of it", () => shell.bytes > settled + 100_000);
      shell.type("\x03");
      await shell.settle();
      await shell.answer("echo a''b", /\bab\b/);
      shell.stream.close();
    },
    answerMs * 5,
  );

  test(
    "gives growing counters and the totals that were asked for",
    async () => {
      const first = await counters();
      if (!first) throw new Error("a running machine is not sampled");
      expect(first).toMatchObject({
        ref,
        cpuCores: 1,
        memoryTotalBytes: 512 * 1024 ** 2,
        diskTotalBytes: 10 * 1024 ** 3,
      });
      expect(first.memoryUsedBytes).toBeGreaterThan(0);
      expect(first.memoryUsedBytes).toBeLessThanOrEqual(first.memoryTotalBytes * 1.5);
      expect(first.diskUsedBytes).toBeLessThanOrEqual(first.diskTotalBytes);
      // A container at rest needs no time at all.
      const shell = await openShell();
      await shell.answer("i=0; while [ $i -lt 2000 ]; do i=$((i+1)); done; echo $i", /2000/);
      shell.stream.close();
      let next = first;
      const grown = async () => {
        next = (await counters()) ?? next;
        return next.cpuTimeNs > first.cpuTimeNs && next.atMs > first.atMs;
      };
      await until(answerMs, "more CPU time", grown);
      const falling = (
        ["diskReadBytes", "diskWriteBytes", "networkRxBytes", "networkTxBytes"] as const
      ).filter((key) => next[key] < first[key]);
      expect(falling).toEqual([]);
      expect(next.uptimeSeconds).toBeGreaterThanOrEqual(first.uptimeSeconds);
    },
    answerMs * 2,
  );

  test(
    "stops a machine: its terminals end, it is known as stopped, stopping again is fine",
    async () => {
      const shell = await openShell();
      await shell.answer("echo kept-$((40+2)) > ~/kept.txt; sync; cat ~/kept.txt", /\bkept-42\b/);
      const since = seen.length;
      await driver.stop(ref, record().run);
      await shell.stream.exited;
      expect((await observed(ref))?.state).toBe("stopped");
      await sawState(ref, "stopped", since);
      await driver.stop(ref, record().run);
      expect(await counters()).toBeUndefined();
      const refusal = await refused(driver.openTerminal(ref, { cols: 80, rows: 24 }, () => {}));
      expect(refusal.code).toBe("conflict");
    },
    stopMs + answerMs * 2,
  );

  test(
    "starts it again with its disk as it was",
    async () => {
      const since = seen.length;
      const { ip } = await driver.start(ref, record().run);
      expect(await observed(ref)).toEqual({ ref, state: "running", ip });
      await sawState(ref, "running", since);
      const shell = await openShell();
      await shell.answer("cat ~/kept.txt", /\bkept-42\b/);
    },
    bootMs + answerMs * 2,
  );

  careFacts({
    machine,
    timeouts,
    driver: () => driver,
    observed,
    openShell,
    isDiskNominal,
    hostKey: hostKey ?? (() => null),
  });

  test(
    "restarts it: terminals end, the disk stays, the clock of its uptime begins anew",
    async () => {
      const shell = shells.at(-1);
      const startedAt = Date.now();
      await driver.restart(ref, record().run);
      await shell?.stream.exited;
      const after = await openShell();
      await after.answer("cat ~/kept.txt", /\bkept-42\b/);
      expect((await counters())?.uptimeSeconds).toBeLessThanOrEqual((Date.now() - startedAt) / 1_000 + 1);
    },
    bootMs + stopMs,
  );

  test(
    "an aborted create leaves nothing, and the name is free again",
    async () => {
      const doomed = refOf(12, "contract02");
      const work = record();
      const creation = driver.create({ ...machine, ...doomed, startupScript: null }, work.run);
      const outcome = refused(creation);
      await Bun.sleep(abortAfterMs);
      work.abort.abort();
      expect((await outcome).code).toBe("cancelled");
      expect(await observed(doomed)).toBeUndefined();
      const again = record();
      again.abort.abort();
      expect(
        (await refused(driver.create({ ...machine, ...doomed, startupScript: null }, again.run))).code,
      ).toBe("cancelled");
      expect(await observed(doomed)).toBeUndefined();
    },
    bootMs + stopMs,
  );

  test(
    "destroys a running machine with its terminals, leaves nothing, twice is fine",
    async () => {
      const shell = await openShell();
      const since = seen.length;
      await driver.destroy(ref, record().run);
      await shell.stream.exited;
      expect(await observed(ref)).toBeUndefined();
      await sawState(ref, "absent", since);
      await driver.destroy(ref, record().run);
      await refused(driver.start(ref, record().run));
      expect(await counters()).toBeUndefined();
    },
    stopMs + answerMs * 2,
  );
}
