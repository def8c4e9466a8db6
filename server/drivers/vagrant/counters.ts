/** Counters of all running machines from one question to libvirt. */
import { parseDomstats } from "../virsh/domstats.ts";
import type { VmCounters } from "../vm-driver.ts";
import type { DomainRefs } from "./domain-refs.ts";
import type { Host } from "./host.ts";
import { uptimeSeconds } from "./uptime.ts";

/** `--nowait`: a machine that is busy with a long job is left out instead of holding up all others. */
const QUESTION = ["domstats", "--raw", "--nowait", "--list-running"];
const GROUPS = ["--state", "--cpu-total", "--balloon", "--vcpu", "--interface", "--block"];

export async function sampleCounters(host: Host, refs: DomainRefs): Promise<readonly VmCounters[]> {
  const text = await host.domains.virsh.run(...QUESTION, ...GROUPS);
  const atMs = host.clock.now();
  const stats = parseDomstats(text).filter(({ domain }) => refs.isOurs(domain));
  if (stats.some(({ domain }) => refs.remembered(domain) === null)) await refs.fromFolders();
  const counters: VmCounters[] = [];
  for (const { domain, state: _state, reason: _reason, ...numbers } of stats) {
    const ref = refs.remembered(domain);
    if (ref) counters.push({ ref, atMs, ...numbers, uptimeSeconds: await uptimeSeconds(domain) });
  }
  return counters;
}
