/** What every action of the driver works with: where things are, and who is asked. */
import type { Clock } from "../../core/clock.ts";
import type { Log } from "../../core/log.ts";
import type { VmRef } from "../vm-driver.ts";
import type { Domains } from "./domains.ts";
import type { BoxStore } from "./images/index.ts";
import { domainName, folderOf } from "./names.ts";
import type { VagrantPlace } from "./run-vagrant.ts";
import type { Turns } from "../turns.ts";

export type DomainType = "kvm" | "qemu";

export interface Host {
  readonly vmsDir: string;
  readonly instance: string;
  readonly domainType: DomainType;
  readonly domains: Domains;
  readonly place: VagrantPlace;
  readonly turns: Turns;
  readonly clock: Clock;
  readonly log: Log;
  readonly boxes: BoxStore;
  /** Ends the terminals of a machine that goes away: ssh itself would notice half a minute later. */
  closeTerminals(domain: string): void;
}

export interface Located {
  readonly ref: VmRef;
  readonly domain: string;
  readonly folder: string;
}

/** Throws `invalid_input` for a name that is none. */
export function locate(host: Host, ref: VmRef): Located {
  return {
    ref: { vmId: ref.vmId, ownerId: ref.ownerId, name: ref.name },
    domain: domainName(host.instance, ref),
    folder: folderOf(host.vmsDir, ref),
  };
}
