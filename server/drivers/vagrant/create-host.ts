/** Sets up what the driver works with: the id of this installation, its Vagrant home, its turns. */
import { mkdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join, resolve } from "node:path";
import type { Clock } from "../../core/clock.ts";
import type { Log } from "../../core/log.ts";
import { createVirsh } from "../virsh/virsh.ts";
import { createDomains } from "./domains.ts";
import type { DomainType, Host } from "./host.ts";
import { createBoxStore } from "./images/index.ts";
import { pruneMachineIndex } from "./machine-index.ts";
import { readInstance } from "../instance.ts";
import { createTurns } from "../turns.ts";

export interface HostOptions {
  readonly vmsDir: string;
  readonly uri: string;
  readonly boxDir: string;
  readonly domainType: DomainType;
  readonly clock: Clock;
  readonly log: Log;
  readonly closeTerminals: (domain: string) => void;
}

export function createHost(options: HostOptions): Host {
  const { uri, clock, log, domainType, closeTerminals } = options;
  // Vagrant and ssh run in other folders than we do.
  const vmsDir = resolve(options.vmsDir);
  const place = { vagrantHome: join(vmsDir, ".vagrant.d"), uri, clock };
  mkdirSync(place.vagrantHome, { recursive: true, mode: 0o700 });
  pruneMachineIndex(place.vagrantHome);
  const instance = readInstance(vmsDir);
  const domains = createDomains(createVirsh(uri), instance, clock);
  return {
    ...{ vmsDir, instance, domainType, domains, place, clock, log, closeTerminals },
    turns: createTurns(Math.max(2, availableParallelism())),
    boxes: createBoxStore({ vmsDir, labBoxDir: options.boxDir, place, virsh: domains.virsh }),
  };
}
