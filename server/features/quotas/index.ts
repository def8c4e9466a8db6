/** Front door of the quotas feature: what a user may hold, and what the host can still give. */
import type { HostCapacity, QuotaView, UserId } from "#protocol";
import type { VmAdmission } from "../../core/billing.ts";
import { AppError } from "../../core/errors.ts";
import type { Feature } from "../../core/feature.ts";
import { defineTopic } from "../../core/topic.ts";
import { createAdmission, hostFacts } from "./admission.ts";
import { getQuota } from "./commands/get-quota.ts";
import type { QuotaDeps } from "./deps.ts";
import { capacityOf } from "./host-rules.ts";
import { type QuotaChange, QuotaRepo } from "./quota-repo.ts";
import { createUseQueries } from "./use-queries.ts";

export type { QuotaDeps } from "./deps.ts";
export { createHostProbe, type HostProbe } from "./host-probe.ts";
export type { QuotaChange } from "./quota-repo.ts";

export interface QuotaFeature extends Feature {
  readonly admission: VmAdmission;
  /** Given limits become the user's own, null ones go back to the default. Throws `not_found`. */
  set(userId: UserId, change: QuotaChange): void;
  viewOf(userId: UserId): QuotaView;
  /** Null when VMs of this driver take nothing of the host. */
  capacity(): HostCapacity | null;
  /** Call after the defaults of the cloud have changed. */
  defaultsChanged(): void;
}

export function createQuotaFeature({ db, bus, settings, host }: QuotaDeps): QuotaFeature {
  const repo = new QuotaRepo(db, settings);
  const queries = createUseQueries(db);

  function viewOf(userId: UserId): QuotaView {
    return { userId, ...repo.limitsOf(userId), used: queries.ofUser(userId, null) };
  }
  function changed(ownerId: UserId): void {
    bus.publish("quota.state", { kind: "owner", ownerId }, { quota: viewOf(ownerId) });
  }
  const capacity = () => (host === null ? null : capacityOf(hostFacts(host, queries, null)));

  return {
    commands: [getQuota.bind({ hasUser: (userId: UserId) => repo.hasUser(userId), viewOf, capacity })],
    topics: [
      defineTopic("quota.state", ({ ownerId }) => ({ quota: ownerId === null ? null : viewOf(ownerId) })),
    ],
    admission: createAdmission({ repo, queries, host, changed }),
    set(userId, change) {
      if (!repo.hasUser(userId)) throw new AppError("not_found", "No such user");
      repo.set(userId, change);
      changed(userId);
    },
    viewOf,
    capacity,
    defaultsChanged: () => repo.userIds().forEach(changed),
    dispose() {},
  };
}
