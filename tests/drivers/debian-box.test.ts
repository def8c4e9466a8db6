/**
 * A Debian that was built here, booted by the real driver. Skipped unless TWARGA_TEST_DEBIAN names the folder of a build
 * (`sh vms/images/debian-12/build.sh FOLDER`): building takes minutes, and so does its boot without KVM.
 */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { userId, vmId } from "#protocol";
import { systemClock } from "../../server/core/clock.ts";
import { createLog } from "../../server/core/log.ts";
import { createVagrantDriver, probeVagrant } from "../../server/drivers/vagrant/index.ts";
import type { VmDriver } from "../../server/drivers/vm-driver.ts";

const build = process.env["TWARGA_TEST_DEBIAN"];
const MINUTES = 60_000;

const script = `#!/bin/sh
echo "name $(hostname)"
echo "first $(cat /proc/1/comm)"
echo "system $(. /etc/os-release; echo $ID $VERSION_ID)"
echo "disk $(df -BG --output=size / | tail -n 1 | tr -d ' ')"
echo "services $(systemctl is-active ssh rsyslog | sort -u)"
echo "failed $(systemctl --failed --no-legend | wc -l)"
echo "passwords $(sshd -T | grep -c '^passwordauthentication no')"
echo "keys $(wc -l </home/vagrant/.ssh/authorized_keys)"
logger -t test hello
`;

const home = mkdtempSync(join(tmpdir(), "twarga-debian-"));
const machine = {
  ...{ vmId: vmId.parse(1), ownerId: userId.parse(1), name: "debian-test" },
  ...{ ramMb: 512, cpuCores: 1, diskGb: 12, sshKeys: [], startupScript: script },
  image: { id: "debian-12", box: "twarga-debian-12", sshUser: "vagrant" },
};
const run = (ms: number) => ({
  signal: AbortSignal.timeout(ms),
  output() {},
  step() {},
  program: () => () => {},
});
let driver: VmDriver | null = null;

beforeAll(async () => {
  if (build === undefined) return;
  const { domainType, label, reason } = await probeVagrant({ vmsDir: home });
  const out = join(home, ".images/debian-12");
  mkdirSync(out, { recursive: true });
  for (const file of ["debian-12.box", "version"]) copyFileSync(join(build, file), join(out, file));
  driver = createVagrantDriver({
    ...{ vmsDir: home, clock: systemClock, log: createLog("silent"), domainType, label, reason },
  });
});

afterAll(async () => {
  await driver?.destroy(machine, run(2 * MINUTES));
  await driver?.removeImage(machine.image, run(MINUTES));
  await driver?.dispose();
  rmSync(home, { recursive: true });
}, 4 * MINUTES);

test.skipIf(build === undefined)(
  "a built Debian boots with its name, its whole disk, its services, and only the key of its VM",
  async () => {
    const made = await driver?.create(machine, run(10 * MINUTES));
    expect(made?.startup?.output.trim().split("\n")).toEqual([
      "name debian-test",
      "first systemd",
      "system debian 12",
      "disk 12G",
      "services active",
      "failed 0",
      "passwords 1",
      "keys 1",
    ]);
    expect(made?.startup?.exitCode).toBe(0);
  },
  11 * MINUTES,
);
