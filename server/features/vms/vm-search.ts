/** Queries behind the list of all VMs: search, filter, sort and page by key. */
import { and, asc, desc, eq, getTableColumns, isNull, type SQL, sql } from "drizzle-orm";
import type { CommandInput, UserId } from "#protocol";
import type { Db } from "../../../db/client.ts";
import { users, vms } from "../../../db/schema/index.ts";
import { containsPattern } from "../../core/literal-search.ts";
import type { PageKey } from "../../core/paging.ts";
import type { VmRow } from "./vm-row.ts";

type ListInput = CommandInput<"admin.vm.list">;
export type VmFilter = Partial<
  Pick<ListInput, "search" | "ownerId" | "className" | "state" | "image" | "tag">
>;
export type VmSort = ListInput["sort"];

export interface VmSearch {
  readonly filter: VmFilter;
  readonly sort?: VmSort;
  readonly order?: "asc" | "desc";
  readonly after?: PageKey | null;
  /** Absent: all. */
  readonly limit?: number;
}

export type FoundVmRow = VmRow & { readonly sortKey: string | number };

const sortKeys: Record<VmSort, SQL<string | number>> = {
  createdAt: sql`${vms.createdAtMs}`,
  name: sql`${vms.name}`,
  owner: sql`${users.username}`,
  ramMb: sql`${vms.ramMb}`,
};

export function searchVms({ orm }: Db, { filter, sort = "createdAt", ...page }: VmSearch): FoundVmRow[] {
  const { order = "desc", after = null, limit = -1 } = page;
  const sortKey = sortKeys[sort];
  const compare = sql.raw(order === "asc" ? ">" : "<");
  const beyond =
    after === null ? undefined : sql`(${sortKey}, ${vms.id}) ${compare} (${after.key}, ${after.id})`;
  const direction = order === "asc" ? asc : desc;
  return orm
    .select({ ...getTableColumns(vms), ownerName: users.username, sortKey })
    .from(vms)
    .innerJoin(users, eq(users.id, vms.ownerId))
    .where(and(matching(filter), beyond))
    .orderBy(direction(sortKey), direction(vms.id))
    .limit(limit)
    .all();
}

export function countVms({ orm }: Db, filter: VmFilter): number {
  const found = orm
    .select({ n: sql<number>`count(*)` })
    .from(vms)
    .innerJoin(users, eq(users.id, vms.ownerId))
    .where(matching(filter))
    .get();
  return found?.n ?? 0;
}

/** Null for nobody we know, e.g. the maker of something left on the host. */
export function userNameOf({ orm }: Db, userId: UserId): string | null {
  const named = orm.select({ username: users.username }).from(users).where(eq(users.id, userId)).get();
  return named?.username ?? null;
}

function matching({ search, ownerId, className, state, image, tag }: VmFilter): SQL | undefined {
  const pattern = search === undefined || search === "" ? null : containsPattern(search);
  return and(
    isNull(vms.destroyedAtMs),
    pattern === null
      ? undefined
      : sql`(${vms.name} like ${pattern} escape '\\' or ${vms.label} like ${pattern} escape '\\'
          or ${users.username} like ${pattern} escape '\\')`,
    ownerId === undefined ? undefined : eq(vms.ownerId, ownerId),
    className === undefined ? undefined : eq(users.className, className),
    state === undefined ? undefined : eq(vms.state, state),
    image === undefined ? undefined : eq(vms.image, image),
    tag === undefined
      ? undefined
      : sql`exists (select 1 from json_each(${vms.tags}) where json_each.value = ${tag})`,
  );
}
