/** The container driver against a real Podman and real containers. */
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "bun:test";
import { systemClock } from "../../server/core/clock.ts";
import { createLog } from "../../server/core/log.ts";
import { createContainerDriver } from "../../server/drivers/container/index.ts";
import { whyNoPodman } from "../../server/drivers/container/service.ts";
import { driverContract } from "./contract.ts";

const projectDir = join(import.meta.dir, "../..");

function whyNot(): string | null {
  const why = whyNoPodman();
  if (why !== null) return why;
  const build = Bun.spawnSync(["sh", join(projectDir, "vms/container/build.sh")], { timeout: 60_000 });
  return build.exitCode === 0 ? null : `no lab container: ${build.stderr.toString().trim()}`;
}
const skip = whyNot();

driverContract(
  "container",
  async () => {
    const home = mkdtempSync(join(tmpdir(), "twarga-container-"));
    const vmsDir = join(home, "vms");
    const driver = await createContainerDriver({
      ...{ vmsDir, clock: systemClock, log: createLog("silent"), socket: null },
      ...{ label: "Containers under test", reason: "Asked for." },
    });
    return {
      driver,
      async dispose() {
        expect(await driver.inspect()).toEqual([]);
        expect(readdirSync(vmsDir).filter((entry) => entry.startsWith("user"))).toEqual([]);
        await driver.dispose();
        rmSync(home, { recursive: true, force: true });
      },
    };
  },
  {
    image: "lab",
    timeouts: { bootMs: 30_000, stopMs: 30_000, answerMs: 15_000 },
    abortAfterMs: 150,
    ...(skip !== null && { skip }),
  },
);
