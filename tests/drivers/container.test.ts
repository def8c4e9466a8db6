/** The container driver against a real Podman and real containers. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { userId, vmId } from "#protocol";
import { systemClock } from "../../server/core/clock.ts";
import { createLog } from "../../server/core/log.ts";
import { createContainerDriver } from "../../server/drivers/container/index.ts";
import { podmanArgv, runDirOf } from "../../server/drivers/container/service.ts";
import type { DriverRun, VmDriver, VmMachine } from "../../server/drivers/vm-driver.ts";
import { removeContainerStore } from "../helpers/container-store.ts";
import { noContainers as findProblem } from "../helpers/machine.ts";
import { driverContract } from "./contract.ts";
import { TypedShell, until } from "./typed-shell.ts";

const noContainers = findProblem();

const openDriver = (vmsDir: string): Promise<VmDriver> =>
  createContainerDriver({
    ...{ vmsDir, clock: systemClock, log: createLog("silent"), socket: null },
    ...{ label: "Containers under test", reason: "Asked for." },
  });

async function removePlace(home: string, vmsDir: string): Promise<void> {
  await removeContainerStore(vmsDir);
  rmSync(home, { recursive: true, force: true });
}

driverContract(
  "container",
  async () => {
    const home = mkdtempSync(join(tmpdir(), "twarga-container-"));
    const vmsDir = join(home, "vms");
    const driver = await openDriver(vmsDir);
    return {
      driver,
      async dispose() {
        expect(await driver.inspect()).toEqual([]);
        expect(readdirSync(vmsDir).filter((entry) => entry.startsWith("user"))).toEqual([]);
        await driver.dispose();
        await removePlace(home, vmsDir);
      },
    };
  },
  {
    image: { id: "lab", box: "twarga-lab", sshUser: "vagrant" },
    timeouts: { bootMs: 30_000, stopMs: 30_000, answerMs: 15_000 },
    abortAfterMs: 150,
    runsPrograms: true,
    isDiskNominal: true,
    ...(noContainers !== null && { skip: noContainers }),
  },
);

interface Place {
  readonly home: string;
  readonly vmsDir: string;
  readonly driver: VmDriver;
  readonly instance: string;
  /** The engine's own client on the same store, as an administrator would use it. */
  podman(...argv: string[]): { readonly exitCode: number; readonly text: string };
}

async function openPlace(): Promise<Place> {
  const home = mkdtempSync(join(tmpdir(), "twarga-container-"));
  const vmsDir = join(home, "vms");
  const driver = await openDriver(vmsDir);
  const instance = readFileSync(join(vmsDir, ".instance"), "utf8").trim();
  const command = podmanArgv(vmsDir, runDirOf(instance));
  return {
    ...{ home, vmsDir, driver, instance },
    podman(...argv) {
      const { exitCode, stdout, stderr } = Bun.spawnSync([...command, ...argv], { env: process.env });
      return { exitCode, text: stdout.toString() + stderr.toString() };
    },
  };
}

describe.skipIf(noContainers !== null)(
  `containers as machines${noContainers === null ? "" : ` (skipped: ${noContainers})`}`,
  () => {
    const ref = { vmId: vmId.parse(31), ownerId: userId.parse(9), name: "limits01" };
    const machine: VmMachine = {
      ...ref,
      image: { id: "lab", box: "twarga-lab", sshUser: "vagrant" },
      ...{ sshKeys: [], startupScript: null, ramMb: 512, cpuCores: 1, diskGb: 10 },
    };
    let place: Place;

    const run = (): DriverRun => ({
      signal: new AbortController().signal,
      output() {},
      step() {},
      program: () => () => {},
    });
    const answer = async (line: string, pattern: RegExp) => {
      const shell = await TypedShell.open(place.driver, ref, 60_000);
      try {
        return await shell.answer(line, pattern);
      } finally {
        shell.stream.close();
      }
    };

    beforeAll(async () => {
      place = await openPlace();
      await place.driver.create(machine, run());
    }, 120_000);

    afterAll(async () => {
      await place.driver.destroy(ref, run());
      await place.driver.dispose();
      await removePlace(place.home, place.vmsDir);
    }, 120_000);

    test("what takes more memory than was paid for is ended, the machine goes on", async () => {
      await answer(`awk 'BEGIN { s = "xxxxxxxx"; while (1) s = s s }'; echo code $?`, /code 137/);
      const [counters] = await place.driver.sample();
      expect(counters?.memoryUsedBytes).toBeLessThan(512 * 1024 ** 2);
      expect((await place.driver.inspect())[0]?.state).toBe("running");
    }, 120_000);

    test("more processes than the limit are refused inside, the host is left alone", async () => {
      const shell = await TypedShell.open(place.driver, ref, 60_000);
      shell.type("for i in $(seq 700); do sleep 60 & done\r");
      await until(60_000, "a refusal", () => /can't fork/.test(shell.text));
      shell.stream.close();
      const pids = place.podman("stats", "--no-stream", "--format", "{{.PIDs}}").text.trim();
      expect(Number(pids)).toBeLessThanOrEqual(512);
      await place.driver.restart(ref, run());
    }, 150_000);

    test("a container of somebody else under the same name is neither taken nor removed", async () => {
      const foreign = { ...ref, vmId: vmId.parse(32), name: "foreign01" };
      const name = `tw${place.instance}-user9-foreign01`;
      const image = place.podman("images", "--format", "{{.Repository}}:{{.Tag}}").text.split("\n")[0] ?? "";
      expect(
        place.podman(
          "create",
          "--ulimit",
          "nofile=1024:1024",
          "--ulimit",
          "nproc=4096:4096",
          "--name",
          name,
          image,
          "true",
        ).exitCode,
      ).toBe(0);
      await expect(place.driver.create({ ...machine, ...foreign }, run())).rejects.toMatchObject({
        code: "conflict",
      });
      await expect(place.driver.destroy(foreign, run())).rejects.toMatchObject({ code: "conflict" });
      expect(place.podman("container", "exists", name).exitCode).toBe(0);
      expect(place.podman("rm", "-f", name).exitCode).toBe(0);
    }, 120_000);

    test("an engine that was killed is started again by the next request, and its machines run on", async () => {
      const pidFile = join(runDirOf(place.instance), "service.pid");
      const pid = Number(readFileSync(pidFile, "utf8"));
      process.kill(pid, "SIGKILL");
      await until(10_000, "the end of the service", () => !existsSync(`/proc/${pid}/exe`));
      expect(await place.driver.inspect()).toMatchObject([{ ref, state: "running" }]);
      expect(Number(readFileSync(pidFile, "utf8"))).not.toBe(pid);
      await answer("echo a''b", /\bab\b/);
    }, 120_000);

    test("a change of containers that a crash cut short is settled by the next look", async () => {
      const name = `tw${place.instance}-user9-limits01`;
      await place.driver.stop(ref, run());
      expect(place.podman("rename", name, `${name}.next`).exitCode).toBe(0);
      expect(await place.driver.inspect()).toMatchObject([{ ref, state: "stopped" }]);
      await place.driver.start(ref, run());
      expect(await place.driver.inspect()).toMatchObject([{ ref, state: "running" }]);
    }, 120_000);

    test("the steps of a job are the requests to the engine, in order", async () => {
      const programs: string[] = [];
      const work: DriverRun = { ...run(), program: (argv) => (programs.push(argv.join(" ")), () => {}) };
      await place.driver.restart(ref, work);
      expect(programs).toEqual([
        `POST /v1.41/containers/tw${place.instance}-user9-limits01/stop?t=10`,
        `POST /v1.41/containers/tw${place.instance}-user9-limits01/start`,
      ]);
    }, 120_000);
  },
);
