/** Counters of all running machines from one question to libvirt. */
import { type DomainStats, parseDomstats } from "../virsh/domstats.ts";
import { createVirsh } from "../virsh/virsh.ts";
import type { VmCounters } from "../vm-driver.ts";
import type { DomainRefs } from "./domain-refs.ts";
import type { Host } from "./host.ts";
import { uptimeSeconds } from "./uptime.ts";

/** `--nowait`: a machine that is busy with a long job does not hold up all others; it is asked again alone. */
const ALL_NOW = ["domstats", "--raw", "--nowait", "--list-running"];
const ONE = ["domstats", "--raw"];
const GROUPS = ["--state", "--cpu-total", "--balloon", "--vcpu", "--interface", "--block"];
/** The rhythm of the VM metrics: an answer that comes later is of no use. */
const BUSY_TIMEOUT_MS = 2_000;

/** A machine that gives no full answer in time is left out: zeros would be taken for facts. */
export async function sampleCounters(host: Host, refs: DomainRefs): Promise<readonly VmCounters[]> {
  const all = await host.domains.virsh.run(...ALL_NOW, ...GROUPS);
  const ours = parseDomstats(all).filter(({ domain }) => refs.isOurs(domain));
  if (ours.some(({ domain }) => refs.remembered(domain) === null)) await refs.fromFolders();
  const sampled = await Promise.all(ours.map((stats) => complete(host, refs, stats)));
  return sampled.filter((counters) => counters !== null);
}

async function complete(host: Host, refs: DomainRefs, first: DomainStats): Promise<VmCounters | null> {
  const ref = refs.remembered(first.domain);
  if (!ref) return null;
  const stats = first.isComplete ? first : await askAgain(host, first.domain);
  if (!stats?.isComplete) return null;
  const { domain, isComplete: _complete, state: _state, reason: _reason, ...numbers } = stats;
  return { ref, atMs: host.clock.now(), ...numbers, uptimeSeconds: await uptimeSeconds(domain) };
}

async function askAgain(host: Host, domain: string): Promise<DomainStats | null> {
  const answer = await createVirsh(host.domains.virsh.uri, BUSY_TIMEOUT_MS).ask(...ONE, ...GROUPS, domain);
  return parseDomstats(answer.stdout)[0] ?? null;
}
