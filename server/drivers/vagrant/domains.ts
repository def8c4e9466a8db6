/** What this driver asks libvirt about single domains: exists, state, address, whose; and how it takes one away. */
import { AppError } from "../../core/errors.ts";
import type { Clock } from "../../core/clock.ts";
import { stateOf } from "../virsh/domain-state.ts";
import { parseDomstats } from "../virsh/domstats.ts";
import { isUnreachable, type Virsh } from "../virsh/virsh.ts";
import type { ObservedState } from "../vm-driver.ts";
import { parseDomainTitle, volumeName } from "./names.ts";
import { pause } from "../deadline.ts";
import { POOL } from "./storage-and-network.ts";

/** A call of a process that was just killed may still be carried out by libvirtd for a moment. */
const REMOVAL_TRIES = 8;
const REMOVAL_WAIT_MS = 150;
/** A define that was still queued when its caller was killed: a busy libvirtd gets to it within a second. */
const LATE_CALL_WAIT_MS = 1_500;

export interface RemovalOptions {
  /** Somebody who was making the machine has just been ended, so it may appear after a look that saw nothing. */
  readonly mayAppear: boolean;
}

export interface Domains {
  readonly virsh: Virsh;
  state(domain: string): Promise<ObservedState>;
  /** Throws when libvirt cannot be asked. */
  states(): Promise<ReadonlyMap<string, ObservedState>>;
  ip(domain: string): Promise<string | null>;
  /** `foreign`: a domain of that name exists which this installation did not make. */
  ownership(domain: string): Promise<"ours" | "foreign" | "absent">;
  /** The VM id kept with a domain of this installation; null for any other domain. */
  vmIdOf(domain: string): Promise<number | null>;
  /** Domain and disk, whatever state they are in. Resolves when neither is left. */
  remove(domain: string, options: RemovalOptions): Promise<void>;
}

export function createDomains(virsh: Virsh, instance: string, clock: Clock): Domains {
  async function states(): Promise<ReadonlyMap<string, ObservedState>> {
    const stats = parseDomstats(await virsh.run("domstats", "--raw", "--state"));
    return new Map(stats.map(({ domain, state, reason }) => [domain, stateOf(state, reason)]));
  }

  async function titleOf(domain: string): Promise<string | null> {
    const answer = await virsh.ask("desc", domain, "--title");
    if (answer.ok) return answer.stdout.trim();
    if (isUnreachable(answer)) throw unreachable(answer.stderr);
    return null;
  }

  /** `removed`: something was there, and is gone now; `left`: something is there still. */
  async function removeOnce(domain: string): Promise<"nothing" | "removed" | "left"> {
    const volume = volumeName(domain);
    const done = [
      await virsh.ask("destroy", domain),
      await virsh.ask("undefine", domain, "--managed-save", "--snapshots-metadata", "--nvram"),
      await virsh.ask("vol-delete", "--pool", POOL, volume),
    ];
    const [left, disk] = await Promise.all([
      virsh.ask("domstate", domain),
      virsh.ask("vol-path", "--pool", POOL, volume),
    ]);
    for (const answer of [left, disk]) if (isUnreachable(answer)) throw unreachable(answer.stderr);
    if (left.ok || disk.ok) return "left";
    return done.some(({ ok }) => ok) ? "removed" : "nothing";
  }

  return {
    virsh,
    states,
    state: async (domain) => (await states()).get(domain) ?? "absent",
    async ip(domain) {
      const answer = await virsh.ask("domifaddr", domain);
      return /\bipv4\s+(\d+\.\d+\.\d+\.\d+)\//.exec(answer.stdout)?.[1] ?? null;
    },
    async ownership(domain) {
      const title = await titleOf(domain);
      if (title === null) return "absent";
      return parseDomainTitle(instance, title) === null ? "foreign" : "ours";
    },
    async vmIdOf(domain) {
      const title = await titleOf(domain);
      return title === null ? null : parseDomainTitle(instance, title);
    },
    async remove(domain, { mayAppear }) {
      const { signal } = new AbortController();
      let clean = 0;
      for (let attempt = 0; attempt < REMOVAL_TRIES; attempt++) {
        const found = await removeOnce(domain);
        // Where more may come, a look that still found something proves nothing about the next moment.
        const isClean = found === "nothing" || (found === "removed" && !mayAppear);
        clean = isClean ? clean + 1 : 0;
        // Twice in a row: what a killed Vagrant had asked for may have come in between.
        if (clean === 2) return;
        await pause(clock, mayAppear && isClean ? LATE_CALL_WAIT_MS : REMOVAL_WAIT_MS, signal);
      }
      throw new AppError("driver_failed", "The machine or its disk could not be removed", { detail: domain });
    },
  };
}

function unreachable(detail: string): AppError {
  return new AppError(
    "driver_failed",
    "Libvirt does not answer. Start libvirtd, or run `npm run setup:vm`.",
    {
      detail,
    },
  );
}
