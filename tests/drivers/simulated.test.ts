/** The simulated driver passes the contract, and keeps its machines over a restart. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../server/core/clock.ts";
import { createLog } from "../../server/core/log.ts";
import { createSimulatedDriver } from "../../server/drivers/simulated/index.ts";
import { driverContract } from "./contract.ts";

driverContract(
  "simulated",
  async () => {
    const home = mkdtempSync(join(tmpdir(), "twarga-simulated-"));
    const driver = createSimulatedDriver({
      vmsDir: join(home, "vms"),
      clock: systemClock,
      log: createLog("silent"),
      reason: "It is asked for.",
      speed: 20,
    });
    return {
      driver,
      async dispose() {
        await driver.dispose();
        rmSync(home, { recursive: true, force: true });
      },
    };
  },
  {
    image: { id: "lab", box: "twarga-lab", sshUser: "vagrant" },
    timeouts: { bootMs: 10_000, stopMs: 5_000, answerMs: 10_000 },
    abortAfterMs: 50,
    runsPrograms: false,
  },
);
