/** What every part of the container driver works with: the engine, the folders, the names. */
import type { Clock } from "../../core/clock.ts";
import type { Log } from "../../core/log.ts";
import type { Turns } from "../turns.ts";
import type { VmFolders } from "../vm-folder.ts";
import type { EngineApi } from "./engine-api.ts";
import type { MachineInfo } from "./machine-folder.ts";

export interface EngineHost {
  readonly api: EngineApi;
  readonly vmsDir: string;
  readonly instance: string;
  readonly folders: VmFolders<MachineInfo>;
  readonly turns: Turns;
  readonly clock: Clock;
  readonly log: Log;
  /** Holds `lab.tar` and `version`. */
  readonly imageDir: string;
}
