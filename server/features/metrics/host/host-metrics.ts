/** The port behind which a platform measures its host. */
import type { HostSample } from "#protocol";
import type { Disposable } from "../../../core/disposable.ts";

export interface HostMetrics extends Disposable {
  /** The newest measurement, stamped `atMs`; null while there is none. Never blocks on a program. */
  sample(atMs: number): HostSample | null;
}
