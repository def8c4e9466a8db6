/** Users as administrators see them: rows with balance, VMs and burn, found by search, filter and sort. */
import { type AdminUserView, priceOf, type UserId } from "#protocol";
import type { Db } from "../../../db/client.ts";
import { containsPattern } from "../../core/literal-search.ts";
import type { PageKey } from "../../core/paging.ts";
import type { UserFilter, UserPageRequest } from "./user-page.ts";
import { type FoundUser, type OwnedVm, prepareUserQueries } from "./user-queries.ts";

export interface UserReader {
  /** Null for an absent or removed user. */
  find(userId: UserId): AdminUserView | null;
  findByName(username: string): AdminUserView | null;
  page(request: UserPageRequest): { readonly user: AdminUserView; readonly key: PageKey }[];
  count(filter: UserFilter): number;
}

export function createUserReader(db: Db): UserReader {
  const queries = prepareUserQueries(db);

  function viewsOf(ids: readonly UserId[]): Map<UserId, AdminUserView> {
    const vms = Map.groupBy(queries.vmsOf(ids), ({ ownerId }) => ownerId);
    return new Map(queries.rowsOf(ids).map((row) => [row.id, viewOf(row, vms.get(row.id) ?? [])]));
  }

  return {
    find: (userId) => viewsOf([userId]).get(userId) ?? null,
    findByName(username) {
      const id = queries.idOf(username);
      return id === null ? null : (viewsOf([id]).get(id) ?? null);
    },
    page({ filter, ...request }) {
      const keys = queries.page({ ...request, ...boundOf(filter) });
      const views = viewsOf(keys.map(({ id }) => id));
      return keys.flatMap(({ id, sortKey }) => {
        const user = views.get(id);
        return user === undefined ? [] : [{ user, key: { key: sortKey, id } }];
      });
    },
    count: (filter) => queries.count(boundOf(filter)),
  };
}

/** Each filter as a value to bind; null lets everything through. */
function boundOf({ search, role, active, className }: UserFilter) {
  return {
    pattern: search === undefined || search === "" ? null : containsPattern(search),
    role: role ?? null,
    active: active === undefined ? null : Number(active),
    className: className ?? null,
  };
}

function viewOf(row: FoundUser, vms: readonly OwnedVm[]): AdminUserView {
  const { totpEnabledAtMs, ...shown } = row;
  return {
    ...shown,
    hasSecondFactor: totpEnabledAtMs !== null,
    vmCount: vms.length,
    runningCount: vms.filter(({ state }) => state === "running").length,
    burnPerHour: vms.reduce((sum, vm) => sum + priceOf(vm, vm.state), 0),
  };
}
