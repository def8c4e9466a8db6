/** Which way this platform is measured. */
import type { Log } from "../../../core/log.ts";
import type { HostMetrics } from "./host-metrics.ts";
import { createLinuxMetrics } from "./linux-proc.ts";
import { createProbeMetrics } from "./probe-metrics.ts";

/** `home` names the file system whose space is shown. */
export function createHostMetrics(home: string, log: Log): HostMetrics {
  return process.platform === "linux" ? createLinuxMetrics(home) : createProbeMetrics(home, log);
}
