/** The Vagrant driver with a `vagrant` that hangs, floods, lies or breaks off: bounded, said in plain words, nothing left. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { userId, vmId } from "#protocol";
import { type Clock, systemClock } from "../../server/core/clock.ts";
import { AppError } from "../../server/core/errors.ts";
import { createLog } from "../../server/core/log.ts";
import { createVagrantDriver } from "../../server/drivers/vagrant/index.ts";
import { builtBox } from "../../server/drivers/vagrant/lab-box.ts";
import { DEFAULT_BOX_DIR, DEFAULT_LIBVIRT_URI } from "../../server/drivers/vagrant/vagrant-driver.ts";
import type { VmDriver } from "../../server/drivers/vm-driver.ts";
import { noVagrant } from "../helpers/machine.ts";

/** Five minutes for a create pass in five seconds, the grace after SIGTERM in 33 ms. */
const FASTER = 60;
const TIMEOUT_MS = 60_000;
const box = noVagrant === null ? await builtBox(DEFAULT_BOX_DIR) : null;
const skip = noVagrant ?? (box === null ? "no lab box: npm run box" : null);

const quickClock: Clock = {
  now: () => systemClock.now(),
  after: (ms, fn) => systemClock.after(ms / FASTER, fn),
  every: (ms, fn) => systemClock.every(ms / FASTER, fn),
};
const machine = {
  ...{ vmId: vmId.parse(41), ownerId: userId.parse(8), name: "drill01" },
  ...{ image: { id: "lab", box: "twarga-lab", sshUser: "vagrant" }, ramMb: 512, cpuCores: 1, diskGb: 10 },
  ...{ sshKeys: [], startupScript: null },
};
const virsh = (...argv: string[]): string =>
  Bun.spawnSync(["virsh", "-q", "-c", DEFAULT_LIBVIRT_URI, ...argv]).stdout.toString();

describe.skipIf(skip !== null)(`a vagrant that misbehaves${skip === null ? "" : ` (${skip})`}`, () => {
  const place = skip === null ? mkdtempSync(join(tmpdir(), "twarga-drill-")) : "";
  const vmsDir = join(place, "vms");
  const folder = join(vmsDir, "user8-drill01");
  const before = process.env["PATH"];
  let driver: VmDriver;
  let domain = "";

  beforeAll(() => {
    mkdirSync(join(place, "bin"));
    process.env["PATH"] = `${join(place, "bin")}:${before}`;
    driver = createVagrantDriver({
      ...{ vmsDir, clock: quickClock, log: createLog("silent"), domainType: "qemu" },
      ...{ label: "Vagrant under test", reason: "Asked for." },
    });
    domain = `tw${readFileSync(join(vmsDir, ".instance"), "utf8").trim()}-user8-drill01`;
    // As if the box had been added: these drills are about machines.
    const added = join(
      vmsDir,
      ".vagrant.d",
      "boxes",
      `twarga-lab-${box}`,
      "1.0.0",
      "libvirt",
      "metadata.json",
    );
    mkdirSync(dirname(added), { recursive: true });
    writeFileSync(added, "{}");
  });
  afterEach(() => expect(traces()).toEqual([]));
  afterAll(async () => {
    process.env["PATH"] = before;
    await driver.dispose();
    rmSync(place, { recursive: true, force: true });
  });

  function pretend(script: string): void {
    const path = join(place, "bin", "vagrant");
    writeFileSync(path, `#!/bin/bash\n${script}\n`);
    chmodSync(path, 0o755);
  }

  /** Domains, disks, folders and processes of the drill. */
  function traces(): string[] {
    const names = [
      ...virsh("list", "--all", "--name").split("\n"),
      ...virsh("vol-list", "default").split("\n"),
    ];
    const processes = readdirSync("/proc").filter((pid) => {
      try {
        return /^\d+$/.test(pid) && readlinkSync(`/proc/${pid}/cwd`).startsWith(folder);
      } catch {
        return false;
      }
    });
    const folders = readdirSync(vmsDir).filter((name) => name.startsWith("user"));
    return [
      ...names.filter((name) => name.includes(domain)).map((name) => name.trim()),
      ...folders,
      ...processes,
    ];
  }

  const heard = { lines: 0, chars: 0 };
  async function failureOfCreate(): Promise<AppError & { readonly tookMs: number }> {
    heard.lines = heard.chars = 0;
    const startedAt = performance.now();
    const run = {
      signal: new AbortController().signal,
      output: (_stream: string, text: string) => {
        heard.lines += 1;
        heard.chars += text.length;
      },
      step() {},
      program: () => () => {},
    };
    const thrown: unknown = await driver.create(machine, run).then(
      () => new Error("it was made"),
      (error: unknown) => error,
    );
    if (!(thrown instanceof AppError)) throw thrown;
    return Object.assign(thrown, { tookMs: performance.now() - startedAt });
  }

  /** What a real one makes, without ever switching it on. */
  const define = `
    virsh -q -c ${DEFAULT_LIBVIRT_URI} define /dev/stdin >/dev/null <<XML
<domain type="qemu"><name>$DOMAIN</name><title>$TITLE</title><memory>65536</memory><os><type>hvm</type></os></domain>
XML
    virsh -q -c ${DEFAULT_LIBVIRT_URI} vol-create-as default $DOMAIN.img 1M >/dev/null`;
  const readData = `TITLE=$(sed -n 's/.*"title": "\\(.*\\)".*/\\1/p' machine.json)`;
  const makeIt = () => `DOMAIN=${domain}; ${readData}; ${define}`;

  test(
    "never ends, ignores SIGTERM and has children that do the same: all are killed at the deadline",
    async () => {
      pretend(`trap '' TERM HUP; (trap '' TERM HUP; while :; do sleep 1; done) & while :; do sleep 1; done`);
      const error = await failureOfCreate();
      expect([error.code, error.message]).toEqual(["timeout", "The VM was not ready within 5 minutes"]);
    },
    TIMEOUT_MS,
  );

  test.each([
    ["without a line end", "tr '\\0' x </dev/zero"],
    ["in short lines", "yes flood"],
    ["as errors", "yes flood >&2"],
  ])(
    "floods %s: memory stays flat, the output is cut, it ends at the deadline",
    async (_how, flood) => {
      pretend(flood);
      Bun.gc(true);
      const rssBefore = process.memoryUsage.rss();
      let rssMost = 0;
      const watch = setInterval(() => (rssMost = Math.max(rssMost, process.memoryUsage.rss())), 20);
      const error = await failureOfCreate();
      clearInterval(watch);
      expect(error.code).toBe("timeout");
      expect(heard.chars).toBeLessThan(2_100_000);
      expect(rssMost - rssBefore).toBeLessThan(256 * 1024 * 1024);
    },
    TIMEOUT_MS,
  );

  test(
    "says that all went well and made no machine: said at once, not at the deadline",
    async () => {
      pretend("exit 0");
      const error = await failureOfCreate();
      expect([error.code, error.message]).toEqual([
        "driver_failed",
        "Vagrant reported success, but the machine does not exist on the host",
      ]);
      expect(error.tookMs).toBeLessThan(300_000 / FASTER);
    },
    TIMEOUT_MS,
  );

  test(
    "fails although the machine and its disk were made: both are removed",
    async () => {
      pretend(
        `${makeIt()}; echo "1,,error-exit,Vagrant::Errors::VMBootTimeout,Timed out while waiting for the machine to boot"; exit 1`,
      );
      const error = await failureOfCreate();
      expect(error.message).toBe("The VM started but did not answer by SSH in time.");
      expect(error.detail).toContain("ended with code 1");
    },
    TIMEOUT_MS,
  );

  test(
    "leaves a daemon behind that holds its output open: it is ended too",
    async () => {
      pretend("setsid bash -c 'trap \"\" TERM HUP; while :; do sleep 1; done' & sleep 0.3; exit 3");
      const error = await failureOfCreate();
      expect(error.code).toBe("driver_failed");
      expect(error.tookMs).toBeLessThan(300_000 / FASTER);
    },
    TIMEOUT_MS,
  );

  test(
    "is killed from outside: that is what is said",
    async () => {
      pretend("kill -9 $$");
      const error = await failureOfCreate();
      expect(error.message).toBe("Vagrant ended without saying why; it may have been killed.");
    },
    TIMEOUT_MS,
  );

  test(
    "hangs while it destroys: libvirt is asked directly",
    async () => {
      pretend(`trap '' TERM; while :; do sleep 1; done`);
      mkdirSync(folder);
      const title = `Twarga ${domain.slice(2, 8)} VM 41`;
      writeFileSync(join(folder, "machine.json"), JSON.stringify({ title }, null, 2));
      const note = join(folder, ".vagrant/machines/drill01/libvirt");
      mkdirSync(note, { recursive: true });
      writeFileSync(join(note, "id"), "made by vagrant");
      const made = Bun.spawnSync(["bash", "-c", makeIt()], { cwd: folder });
      expect([made.exitCode, virsh("desc", domain, "--title").trim()]).toEqual([0, title]);
      await driver.destroy(machine, {
        ...{ signal: new AbortController().signal, output() {}, step() {}, program: () => () => {} },
      });
    },
    TIMEOUT_MS,
  );

  test(
    "a link in the place of a folder is removed and not followed",
    async () => {
      pretend("exit 1");
      const elsewhere = join(place, "elsewhere");
      mkdirSync(elsewhere);
      writeFileSync(join(elsewhere, "kept"), "kept");
      symlinkSync(elsewhere, folder);
      await failureOfCreate();
      expect(readdirSync(elsewhere)).toEqual(["kept"]);
    },
    TIMEOUT_MS,
  );
});
