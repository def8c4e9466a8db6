/** Facts of the contract about a machine in use: keys, snapshots, another size, copies. They share one machine, in this order. */
import { expect, test } from "bun:test";
import { vmId } from "#protocol";
import type { ObservedVm, VmDriver, VmMachine, VmRef } from "../../server/drivers/vm-driver.ts";
import { record, refused } from "./record-run.ts";
import { TypedShell } from "./typed-shell.ts";

export interface CareContext {
  readonly machine: VmMachine;
  readonly timeouts: { readonly bootMs: number; readonly stopMs: number; readonly answerMs: number };
  /** The guest sees the disk of the host. */
  readonly isDiskNominal: boolean;
  driver(): VmDriver;
  observed(ref: VmRef): Promise<ObservedVm | undefined>;
  openShell(ref: VmRef): Promise<TypedShell>;
  hostKey(ref: VmRef): string | null;
}

const OTHER_KEY =
  "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHn0tBpbmxnSGSVqQUp6RJyI7mKCUjuL6ImvtBOd6Rm2 other@desk";
const SCRIPT = `echo "started as $(id -u)"\necho trouble >&2\nexit 3`;

export const scripted = {
  startupScript: SCRIPT,
  startup: { exitCode: 3, output: "started as 0\ntrouble\n" },
};

export function careFacts(context: CareContext): void {
  keyFacts(context);
  snapshotFacts(context);
  sizeFacts(context);
  cloneFacts(context);
}

function keyFacts({ machine, timeouts, driver, openShell }: CareContext): void {
  test(
    "lets the owner's keys in, and only the newest list of them",
    async () => {
      const shell = await openShell(machine);
      const [first = ""] = machine.sshKeys;
      expect(await shell.answer("cat ~/.ssh/authorized_keys", /ssh-ed25519/)).toContain(first);
      await driver().setSshKeys(machine, [OTHER_KEY]);
      const after = await shell.answer("cat ~/.ssh/authorized_keys", /other@desk/);
      expect(after).not.toContain(first);
      await driver().setSshKeys(machine, machine.sshKeys);
      await shell.answer("cat ~/.ssh/authorized_keys", /ssh-ed25519/);
      shell.stream.close();
    },
    timeouts.answerMs * 4,
  );
}

function snapshotFacts({ machine, timeouts, driver, observed, openShell }: CareContext): void {
  test(
    "a snapshot of a running machine brings back the disk, and the memory where the driver keeps it",
    async () => {
      const shell = await openShell(machine);
      await shell.answer("echo early > ~/early.txt; sync; cat ~/early.txt", /early/);
      expect(await driver().listSnapshots(machine)).toEqual([]);
      const { sizeBytes } = await driver().createSnapshot(machine, "s1", record().run);
      if (sizeBytes !== null) expect(sizeBytes).toBeGreaterThan(0);
      expect(await driver().listSnapshots(machine)).toEqual(["s1"]);
      expect((await observed(machine))?.state).toBe("running");
      await shell.answer("echo late > ~/late.txt; sync; cat ~/late.txt", /late/);
      const restored = await driver().restoreSnapshot(machine, "s1", record().run);
      expect(restored.state).toBe(driver().abilities.snapshotWhileRunning ? "running" : "stopped");
      expect(await observed(machine)).toMatchObject(restored);
      if (restored.state === "stopped") await driver().start(machine, record().run);
      const after = await openShell(machine);
      expect(await after.answer("ls ~", /early\.txt/)).not.toContain("late.txt");
      after.stream.close();
    },
    timeouts.bootMs + timeouts.answerMs * 4,
  );

  test(
    "refuses a snapshot that does not exist, and lets one be deleted twice",
    async () => {
      await refused(driver().restoreSnapshot(machine, "s7", record().run));
      await refused(driver().createSnapshot(machine, "../s1", record().run));
      expect((await observed(machine))?.state).toBe("running");
      await driver().deleteSnapshot(machine, "s1", record().run);
      await driver().deleteSnapshot(machine, "s1", record().run);
      expect(await driver().listSnapshots(machine)).toEqual([]);
    },
    timeouts.stopMs,
  );
}

function sizeFacts({ machine, timeouts, isDiskNominal, driver, observed, openShell }: CareContext): void {
  const larger = { ramMb: 768, cpuCores: 2, diskGb: 12 };
  const diskKb = async (shell: TypedShell) => {
    const answer = await shell.answer("df", / \/\s/);
    const line = answer.split(/\r?\n/).find((candidate) => candidate.trimEnd().endsWith(" /"));
    return Number(line?.trim().split(/\s+/)[1]);
  };

  test(
    "changes the size of a stopped machine, which its guest sees, and never shrinks its disk",
    async () => {
      expect((await refused(driver().resize(machine, larger, record().run))).code).toBe("conflict");
      const before = await openShell(machine);
      const smallKb = await diskKb(before);
      await driver().stop(machine, record().run);
      await driver().resize(machine, larger, record().run);
      const shrinking = { ...larger, diskGb: 11 };
      expect((await refused(driver().resize(machine, shrinking, record().run))).code).toBe("invalid_input");
      await driver().start(machine, record().run);
      const shell = await openShell(machine);
      await shell.answer("nproc", /\b2\b/);
      const grownKb = (await diskKb(shell)) - smallKb;
      if (!isDiskNominal) expect(grownKb).toBeGreaterThan(1.8 * 1024 ** 2);
      await shell.answer("cat ~/early.txt", /early/);
      shell.stream.close();
      expect((await driver().sample()).find((vm) => vm.ref.name === machine.name)).toMatchObject({
        cpuCores: 2,
        memoryTotalBytes: 768 * 1024 ** 2,
        diskTotalBytes: 12 * 1024 ** 3,
      });
    },
    timeouts.bootMs + timeouts.stopMs + timeouts.answerMs * 3,
  );

  test(
    "memory kept for another size is given up: the disk comes back and the machine is off, with the size it has",
    async () => {
      await driver().createSnapshot(machine, "s2", record().run);
      await driver().stop(machine, record().run);
      await driver().resize(machine, { ...larger, cpuCores: 1 }, record().run);
      const restored = await driver().restoreSnapshot(machine, "s2", record().run);
      expect(restored).toEqual({ state: "stopped", ip: null });
      expect((await observed(machine))?.state).toBe("stopped");
    },
    timeouts.stopMs * 2,
  );
}

function cloneFacts({ machine, timeouts, driver, observed, openShell, hostKey }: CareContext): void {
  const copyOf = (id: number, name: string): VmMachine => ({
    ...machine,
    ...{ vmId: vmId.parse(id), name, ramMb: 512, cpuCores: 1, diskGb: 12 },
    ...{ sshKeys: [OTHER_KEY], startupScript: null },
  });
  const copy = copyOf(14, "contract04");

  test(
    "makes a copy of a stopped machine, with keys and an address of its own",
    async () => {
      const { ip, startup } = await driver().clone(machine, null, copy, record().run);
      expect(startup).toBeNull();
      expect(await observed(copy)).toMatchObject({ state: "running", ip });
      const shell = await openShell(copy);
      await shell.answer("hostname; cat ~/early.txt", /contract04\s+early/);
      const keys = await shell.answer("cat ~/.ssh/authorized_keys", /other@desk/);
      for (const key of machine.sshKeys) expect(keys).not.toContain(key);
      const key = hostKey(copy);
      if (key !== null) expect(key).not.toBe(hostKey(machine));
      expect((await observed(machine))?.state).toBe("stopped");
      await driver().destroy(copy, record().run);
    },
    timeouts.bootMs + timeouts.stopMs,
  );

  test(
    "makes a copy of a snapshot, also while the machine runs and has changed",
    async () => {
      await driver().start(machine, record().run);
      const source = await openShell(machine);
      await source.answer("echo now > ~/now.txt; rm ~/early.txt; sync; echo done", /done/);
      source.stream.close();
      expect((await refused(driver().clone(machine, null, copy, record().run))).code).toBe("conflict");
      await driver().clone(machine, "s2", copy, record().run);
      const shell = await openShell(copy);
      expect(await shell.answer("ls ~", /early\.txt/)).not.toContain("now.txt");
      shell.stream.close();
      expect(await driver().listSnapshots(copy)).toEqual([]);
      expect((await observed(machine))?.state).toBe("running");
    },
    timeouts.bootMs * 2 + timeouts.answerMs * 3,
  );

  test(
    "a copy that is refused or aborted leaves nothing",
    async () => {
      expect((await refused(driver().clone(machine, "s2", copy, record().run))).code).toBe("conflict");
      await driver().destroy(copy, record().run);
      const doomed = copyOf(15, "contract05");
      await refused(driver().clone(machine, "s7", doomed, record().run));
      expect(await observed(doomed)).toBeUndefined();
      const work = record();
      const outcome = refused(driver().clone(machine, "s2", doomed, work.run));
      while (work.steps.length < 2) await Bun.sleep(5);
      work.abort.abort();
      expect((await outcome).code).toBe("cancelled");
      expect(await observed(doomed)).toBeUndefined();
      expect(await driver().listSnapshots(machine)).toEqual(["s2"]);
    },
    timeouts.bootMs + timeouts.stopMs,
  );
}
