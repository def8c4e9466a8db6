/** The port behind which a platform measures the host, and the choice between the platforms. */
import type { HostSample } from "#protocol";
import type { Disposable } from "../../../core/disposable.ts";
import type { Log } from "../../../core/log.ts";
import { createLinuxMetrics } from "./linux-proc.ts";
import { createProbeMetrics } from "./probe-metrics.ts";

export interface HostMetrics extends Disposable {
  /** The newest measurement, stamped `atMs`; null while there is none. Never blocks on a program. */
  sample(atMs: number): HostSample | null;
}

/** `home` names the file system whose space is shown. */
export function createHostMetrics(home: string, log: Log): HostMetrics {
  return process.platform === "linux" ? createLinuxMetrics(home) : createProbeMetrics(home, log);
}
