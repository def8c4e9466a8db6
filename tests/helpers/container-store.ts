/** Clears away what an engine of our own leaves: monitors that end a moment later, its mounted store, its folder under /run. */
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { runDirOf } from "../../server/drivers/container/service.ts";
import { waitFor } from "./wait-for.ts";

function isAtWork(path: string): boolean {
  return readdirSync("/proc").some((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(path);
    } catch {
      return false;
    }
  });
}

/** Call it when the driver is disposed of; a monitor that ends later would make the store anew. */
export async function removeContainerStore(vmsDir: string): Promise<void> {
  const store = join(vmsDir, ".containers");
  await waitFor("the monitors of the engine to end", () => !isAtWork(store), {
    timeoutMs: 30_000,
    everyMs: 200,
  });
  Bun.spawnSync(["umount", join(store, "root/overlay")]);
  const instance = readFileSync(join(vmsDir, ".instance"), "utf8").trim();
  rmSync(runDirOf(instance), { recursive: true, force: true });
  rmSync(store, { recursive: true, force: true });
}
