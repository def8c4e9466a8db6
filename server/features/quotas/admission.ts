/** What may be made and what may run. Reads and refuses inside the transaction that writes the VM, so no two get the last place. */
import type { UserId, VmId } from "#protocol";
import type { VmAdmission } from "../../core/billing.ts";
import type { HostProbe } from "./host-probe.ts";
import { checkDisk, checkMemory, type HostFacts } from "./host-rules.ts";
import type { QuotaRepo } from "./quota-repo.ts";
import { checkQuota } from "./quota-rules.ts";
import type { UseQueries } from "./use-queries.ts";

export interface AdmissionDeps {
  readonly repo: QuotaRepo;
  readonly queries: UseQueries;
  readonly host: HostProbe | null;
  changed(ownerId: UserId): void;
}

export function hostFacts(host: HostProbe, queries: UseQueries, without: VmId | null): HostFacts {
  const { memoryTotalMb, cpuCores } = host;
  return { memoryTotalMb, cpuCores, disk: host.disk(), use: queries.ofHost(without) };
}

export function createAdmission({ repo, queries, host, changed }: AdmissionDeps): VmAdmission {
  return {
    admit({ ownerId, size, replaces }) {
      const others = queries.ofUser(ownerId, replaces);
      const next = {
        vms: others.vms + 1,
        cpuCores: others.cpuCores + size.cpuCores,
        ramMb: others.ramMb + size.ramMb,
        diskGb: others.diskGb + size.diskGb,
        // A VM that is handed over brings its snapshots.
        snapshots: others.snapshots + (replaces === null ? 0 : queries.snapshotsOf(replaces)),
      };
      checkQuota(repo.limitsOf(ownerId).limits, queries.ofUser(ownerId, null), next);
      if (host === null) return;
      const facts = hostFacts(host, queries, replaces);
      const diskBefore = replaces === null ? 0 : queries.ofHost(null).diskGb - facts.use.diskGb;
      checkDisk(facts, size.diskGb, size.diskGb - diskBefore);
      // Another size is for a VM that is off: `admitStart` asks when it is to run.
      if (replaces === null) checkMemory(facts, size.ramMb);
    },
    admitStart({ vmId, ramMb }) {
      if (host !== null) checkMemory(hostFacts(host, queries, vmId), ramMb);
    },
    admitSnapshot(ownerId) {
      const now = queries.ofUser(ownerId, null);
      checkQuota(repo.limitsOf(ownerId).limits, now, { ...now, snapshots: now.snapshots + 1 });
    },
    changed,
  };
}
