/** The Vagrant driver against real Vagrant, real libvirt and real guests. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { userId, vmId } from "#protocol";
import { z } from "zod";
import { systemClock } from "../../server/core/clock.ts";
import { AppError } from "../../server/core/errors.ts";
import { createLog } from "../../server/core/log.ts";
import { createVagrantDriver } from "../../server/drivers/vagrant/index.ts";
import { DEFAULT_LIBVIRT_URI } from "../../server/drivers/vagrant/vagrant-driver.ts";
import type { DriverRun, ObservedVm, VmDriver, VmMachine, VmRef } from "../../server/drivers/vm-driver.ts";
import { noVagrant } from "../helpers/machine.ts";
import { childrenOf } from "../helpers/processes.ts";
import { driverContract } from "./contract.ts";
import { until } from "./typed-shell.ts";

const projectDir = join(import.meta.dir, "../..");
/** A process that cannot be: above the kernel's highest id. */
const NOBODY = 2 ** 22 + 1;
const BOOT_MS = 150_000;
const STOP_MS = 90_000;

/** Whatever else is missing, the box can be built from what the packages brought. */
function whyNot(): string | null {
  if (noVagrant !== null) return noVagrant;
  const build = Bun.spawnSync(["sh", join(projectDir, "vms/lab-box/build.sh")], { timeout: 120_000 });
  return build.exitCode === 0 ? null : `no lab box: ${build.stderr.toString().trim()}`;
}
const skip = whyNot();

const virsh = (...argv: string[]): string =>
  Bun.spawnSync(["virsh", "-q", "-c", DEFAULT_LIBVIRT_URI, ...argv]).stdout.toString();

const LAB = { id: "lab", box: "twarga-lab", sshUser: "vagrant" };
const owner = userId.parse(8);
const machineOf = (id: number, name: string): VmMachine => ({
  ...{ vmId: vmId.parse(id), ownerId: owner, name },
  ...{ image: LAB, ramMb: 512, cpuCores: 1, diskGb: 10 },
  ...{ sshKeys: [], startupScript: null },
});

function record(): { run: DriverRun; steps: string[]; abort: AbortController } {
  const abort = new AbortController();
  const steps: string[] = [];
  return {
    abort,
    steps,
    run: {
      ...{ signal: abort.signal, output() {}, program: () => () => {} },
      step: (text) => void steps.push(text),
    },
  };
}

async function refusal(action: Promise<unknown>): Promise<AppError> {
  const thrown: unknown = await action.then(
    () => new Error("it was accepted"),
    (error: unknown) => error,
  );
  if (thrown instanceof AppError) return thrown;
  throw thrown;
}

interface Place {
  readonly vmsDir: string;
  readonly driver: VmDriver;
  readonly instance: string;
}

function makePlace(): Place {
  const vmsDir = join(mkdtempSync(join(tmpdir(), "twarga-vagrant-")), "vms");
  const driver = createVagrantDriver({
    ...{ vmsDir, clock: systemClock, log: createLog("silent"), domainType: "qemu" },
    ...{ label: "Vagrant under test", reason: "Asked for." },
  });
  return { vmsDir, driver, instance: readFileSync(join(vmsDir, ".instance"), "utf8").trim() };
}

/** What is left on the host of the installation: domains, disks, folders, Vagrant runs. */
function traces({ vmsDir, instance }: Place): readonly string[] {
  const domains = virsh("list", "--all", "--name").split("\n");
  const volumes = virsh("vol-list", "default").split("\n");
  const folders = readdirSync(vmsDir).filter((entry) => entry.startsWith("user"));
  const workers = readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry) && cwdOf(entry).startsWith(join(vmsDir, "user")))
    .map((pid) => `process ${pid}`);
  const named = [...domains, ...volumes].filter((line) => line.includes(`tw${instance}-`));
  return [...named, ...folders, ...workers].map((trace) => trace.trim());
}

function cwdOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, "latin1").match(/(?:^|\0)PWD=([^\0]*)/)?.[1] ?? "";
  } catch {
    return "";
  }
}

let contractPlace: Place | null = null;

/** As it was pinned at the first boot. */
function hostKey({ name }: VmRef): string | null {
  const known = readFileSync(join(contractPlace?.vmsDir ?? "", `user7-${name}`, "known_hosts"), "utf8");
  return known.trim().split(" ")[2] ?? null;
}

driverContract(
  "vagrant",
  async () => {
    contractPlace = makePlace();
    const place = contractPlace;
    return {
      driver: place.driver,
      dispose: async () => {
        await place.driver.dispose();
        expect(traces(place)).toEqual([]);
        rmSync(join(place.vmsDir, ".."), { recursive: true, force: true });
      },
    };
  },
  {
    image: LAB,
    runsPrograms: true,
    hostKey,
    timeouts: { bootMs: BOOT_MS, stopMs: STOP_MS, answerMs: 30_000 },
    abortAfterMs: 4_000,
    ...(skip !== null && { skip }),
  },
);

describe.skipIf(skip !== null)(skip ?? "a real host", () => {
  let place: Place;
  let driver: VmDriver;
  const seen: ObservedVm[] = [];
  const reached = (text: string, steps: readonly string[]) =>
    until(BOOT_MS, text, () => steps.some((step) => step.startsWith(text)));
  const saw = (name: string, state: ObservedVm["state"]) =>
    until(20_000, `${name} is ${state}`, () => seen.findLast((vm) => vm.ref.name === name)?.state === state);

  beforeAll(() => {
    place = makePlace();
    driver = place.driver;
    driver.watch((vm) => void seen.push(vm));
  });

  afterAll(async () => {
    await driver.dispose();
    rmSync(join(place.vmsDir, ".."), { recursive: true, force: true });
  });

  test("a name that means something to Ruby, a shell or a path makes no file and starts nothing", async () => {
    const canary = join(place.vmsDir, "canary");
    const hostile = [
      `a#{File.write('${canary}','x')}`,
      `a#{\`touch ${canary}\`}`,
      `";File.write("${canary}","x");"`,
      `$(touch ${canary})`,
      "../user8-other",
      "a\nb",
    ];
    for (const name of hostile) {
      const machine = { ...machineOf(20, "hostile"), name };
      expect((await refusal(driver.create(machine, record().run))).code).toBe("invalid_input");
      expect((await refusal(driver.destroy(machine, record().run))).code).toBe("invalid_input");
      expect((await refusal(driver.start(machine, record().run))).code).toBe("invalid_input");
    }
    expect(existsSync(canary)).toBe(false);
    expect(traces(place)).toEqual([]);
  });

  test("the Vagrantfile takes whatever stands in its data as data", async () => {
    const folder = join(place.vmsDir, "hostile");
    const canary = join(folder, "canary");
    mkdirSync(folder);
    writeFileSync(
      join(folder, "Vagrantfile"),
      readFileSync(join(projectDir, "vms/templates/Vagrantfile"), "utf8"),
    );
    const evil = `a#{File.write('${canary}','x')}";system("touch ${canary}");"`;
    const texts = [
      "box",
      "sshUser",
      "sshShell",
      "privateKeyPath",
      "uri",
      "domainPrefix",
      "title",
      "cpuMode",
      "cpuModel",
    ];
    const data = {
      ...Object.fromEntries(
        [...texts, "kernelPath", "initrdPath", "kernelCommandLine"].map((key) => [key, evil]),
      ),
      ...{ name: "web01", domainType: "qemu", bootTimeoutSeconds: 5, ramMb: 512, cpuCores: 1, diskGb: 10 },
    };
    writeFileSync(join(folder, "machine.json"), JSON.stringify(data));
    const vagrant = Bun.spawnSync(["vagrant", "validate", "--ignore-provider"], {
      cwd: folder,
      env: {
        ...process.env,
        VAGRANT_HOME: join(place.vmsDir, ".vagrant.d"),
        VAGRANT_CHECKPOINT_DISABLE: "1",
      },
      timeout: 60_000,
    });
    // It was read to the end: the missing key file is all that Vagrant minds.
    expect(vagrant.stdout.toString() + vagrant.stderr.toString()).toContain(evil.slice(0, 8));
    expect(existsSync(canary)).toBe(false);
    rmSync(folder, { recursive: true });
  }, 90_000);

  test(
    "a foreign machine of the very name is refused as a conflict and never touched",
    async () => {
      const machine = machineOf(21, "foreign01");
      const domain = `tw${place.instance}-user8-foreign01`;
      const xml = join(place.vmsDir, "foreign.xml");
      writeFileSync(
        xml,
        `<domain type="qemu"><name>${domain}</name><memory>1024</memory><os><type>hvm</type></os></domain>`,
      );
      virsh("define", xml);
      try {
        const before = virsh("domuuid", domain);
        expect((await refusal(driver.create(machine, record().run))).code).toBe("conflict");
        await driver.destroy(machine, record().run);
        await refusal(driver.start(machine, record().run));
        await refusal(driver.stop(machine, record().run));
        expect((await driver.inspect()).map((vm) => vm.ref.name)).not.toContain("foreign01");
        expect(virsh("domuuid", domain)).toBe(before);
        expect(readdirSync(place.vmsDir)).not.toContain("user8-foreign01");
      } finally {
        virsh("undefine", domain);
      }
    },
    STOP_MS,
  );

  test(
    "Vagrant killed in mid-up is a plain failure that leaves nothing, and the name is free again",
    async () => {
      const machine = machineOf(22, "killed01");
      const work = record();
      const outcome = refusal(driver.create(machine, work.run));
      await reached("Switching it on", work.steps);
      const worker: unknown = JSON.parse(readFileSync(join(place.vmsDir, "user8-killed01/.worker"), "utf8"));
      if (typeof worker !== "object" || worker === null || !("pid" in worker)) throw new Error("no worker");
      process.kill(Number(worker.pid), "SIGKILL");
      const failure = await outcome;
      expect(failure.code).toBe("driver_failed");
      expect(failure.detail).toContain("vagrant up");
      expect(traces(place)).toEqual([]);
    },
    BOOT_MS,
  );

  test(
    "what libvirt still had in its queue when Vagrant was killed is taken away too",
    async () => {
      const work = record();
      const outcome = refusal(driver.create(machineOf(25, "late01"), work.run));
      await reached("Vagrant is at work", work.steps);
      const folder = join(place.vmsDir, "user8-late01");
      const read = (file: string) =>
        z
          .object({ pid: z.int().positive().default(NOBODY), title: z.string().default("") })
          .parse(JSON.parse(readFileSync(join(folder, file), "utf8")));
      const { title } = read("machine.json");
      const xml = join(place.vmsDir, "late.xml");
      writeFileSync(
        xml,
        `<domain type="qemu"><name>tw${place.instance}-user8-late01</name><title>${title}</title>
         <memory>1024</memory><os><type>hvm</type></os></domain>`,
      );
      process.kill(read(".worker").pid, "SIGKILL");
      // The queued call itself cannot be provoked; this one comes as late.
      await Bun.sleep(900);
      virsh("define", xml);
      expect((await outcome).code).toBe("driver_failed");
      expect(traces(place)).toEqual([]);
    },
    BOOT_MS,
  );

  test(
    "a server killed in mid-create leaves a run behind, which the next destroy ends with all its traces",
    async () => {
      const script = join(import.meta.dir, "vagrant-create.ts");
      const server = Bun.spawn([process.execPath, script, place.vmsDir], {
        stdout: "pipe",
        stderr: "ignore",
      });
      const reader = server.stdout.getReader();
      let text = "";
      while (!text.includes("Switching it on")) {
        const { value, done } = await reader.read();
        if (done) throw new Error(`the create ended early: ${text}`);
        text += new TextDecoder().decode(value);
      }
      server.kill("SIGKILL");
      await server.exited;
      expect(traces(place)).toContain("user8-crashed01");
      await driver.destroy(machineOf(23, "crashed01"), record().run);
      expect(traces(place)).toEqual([]);
    },
    BOOT_MS,
  );

  test(
    "what happens behind our back is seen, also after the connection to libvirt broke",
    async () => {
      const keyFile = join(place.vmsDir, "owner_key");
      const plain = { stdout: "pipe", stderr: "pipe", timeout: 30_000 } as const;
      Bun.spawnSync(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", keyFile]);
      const sshKeys = [readFileSync(`${keyFile}.pub`, "utf8").trim()];
      const machine = { ...machineOf(24, "behind01"), sshKeys };
      const domain = `tw${place.instance}-user8-behind01`;
      const { ip } = await driver.create(machine, record().run);
      await saw("behind01", "running");
      const hosts = ["-o", `UserKnownHostsFile=${keyFile}.hosts`, "-o", "StrictHostKeyChecking=accept-new"];
      const ssh = ["ssh", "-F", "/dev/null", "-i", keyFile, ...hosts, `vagrant@${ip}`, "hostname"];
      expect(Bun.spawnSync(ssh, plain).stdout.toString()).toBe("behind01\n");
      const folder = join(place.vmsDir, "user8-behind01");
      const info: unknown = JSON.parse(readFileSync(join(folder, ".vm_info"), "utf8"));
      expect(info).toMatchObject({ vmId: 24, ownerId: 8, name: "behind01", domain, image: "lab" });
      expect(readFileSync(join(folder, "known_hosts"), "utf8")).toContain(`${domain} ssh-ed25519 `);
      expect(readFileSync(join(folder, "Vagrantfile"), "utf8")).toBe(
        readFileSync(join(projectDir, "vms/templates/Vagrantfile"), "utf8"),
      );

      virsh("destroy", domain);
      await saw("behind01", "stopped");
      await driver.createSnapshot(machine, "s1", record().run);
      const larger = { ramMb: 512, cpuCores: 1, diskGb: 20 };
      const tooEarly = await refusal(driver.resize(machine, larger, record().run));
      expect([tooEarly.code, tooEarly.field]).toEqual(["conflict", "diskGb"]);
      for (const pid of childrenOf(process.pid, /virsh.* event /)) process.kill(pid, "SIGKILL");
      virsh("start", domain);
      await saw("behind01", "running");
      virsh("destroy", domain);
      virsh("undefine", domain, "--managed-save", "--snapshots-metadata");
      await saw("behind01", "absent");
      expect((await driver.inspect()).find((vm) => vm.ref.name === "behind01")?.state).toBe("absent");
      await driver.destroy(machine, record().run);
      expect(traces(place)).toEqual([]);
    },
    BOOT_MS + STOP_MS,
  );
});
