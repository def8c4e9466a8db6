/** virsh as part of an action: every call is told to the run. Looks that are repeated until something happens are not. */
import { createVirsh, type Virsh } from "../virsh/virsh.ts";
import type { DriverRun } from "../vm-driver.ts";
import type { Host } from "./host.ts";

/** Memory of a VM is written and read at some 15 MB/s on an emulated host, disks are copied at the speed of theirs. */
const LONG_CALL_MS = 300_000;

export function reportedVirsh(host: Host, run: Pick<DriverRun, "program">): Virsh {
  return createVirsh(host.place.uri, LONG_CALL_MS, (argv) => run.program(argv));
}
