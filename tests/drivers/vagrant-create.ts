/** A server of its own that begins to create a machine, so that a test can kill it in the middle: `bun … vmsDir`. */
import { userId, vmId } from "#protocol";
import { systemClock } from "../../server/core/clock.ts";
import { createLog } from "../../server/core/log.ts";
import { createVagrantDriver } from "../../server/drivers/vagrant/index.ts";

const [, , vmsDir = ""] = process.argv;
const driver = createVagrantDriver({
  ...{ vmsDir, clock: systemClock, log: createLog("silent"), domainType: "qemu" },
  ...{ label: "Vagrant under test", reason: "Asked for." },
});
await driver.create(
  {
    ...{ vmId: vmId.parse(23), ownerId: userId.parse(8), name: "crashed01" },
    ...{ image: { id: "lab", box: "twarga-lab", sshUser: "vagrant" }, ramMb: 512, cpuCores: 1, diskGb: 10 },
    ...{ sshKeys: [], startupScript: null },
  },
  {
    signal: new AbortController().signal,
    output() {},
    program: () => () => {},
    step: (text) => process.stdout.write(`${text}\n`),
  },
);
