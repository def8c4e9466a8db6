/** The queries behind lists of users. Sort keys are found first, for all; what is shown of a user is read for one page alone. */
import { and, eq, inArray, isNull, sql, type SQL } from "drizzle-orm";
import type { UserId } from "#protocol";
import type { Db } from "../../../db/client.ts";
import { creditAccounts, users, vms } from "../../../db/schema/index.ts";
import type { UserPageRequest, UserSort } from "./user-page.ts";

export interface UserBounds {
  readonly pattern: string | null;
  readonly role: string | null;
  readonly active: number | null;
  readonly className: string | null;
}

type PageRequest = Omit<UserPageRequest, "filter"> & UserBounds;

/** The ledger keeps the sum for each user, so it is not added up here, however long it is. */
const balance = sql<number>`coalesce((select ${creditAccounts.balance} from ${creditAccounts}
  where ${creditAccounts.userId} = ${users.id}), 0)`;

/** Counted for everybody at once: asking for each user again would be ten times as slow. */
const owned = sql`(select ${vms.ownerId} as owner, count(*) as n from ${vms}
  where ${vms.destroyedAtMs} is null group by ${vms.ownerId}) as owned`;

/** Never null, so that pages go on behind users who never logged in. */
const sortKeys: Record<UserSort, { readonly key: SQL; readonly source: SQL }> = {
  username: { key: sql`${users.username}`, source: sql`${users}` },
  createdAt: { key: sql`${users.createdAtMs}`, source: sql`${users}` },
  lastLogin: { key: sql`coalesce(${users.lastLoginAtMs}, 0)`, source: sql`${users}` },
  balance: {
    key: sql`coalesce(${creditAccounts.balance}, 0)`,
    source: sql`${users} left join ${creditAccounts} on ${creditAccounts.userId} = ${users.id}`,
  },
  vms: {
    key: sql`coalesce(owned.n, 0)`,
    source: sql`${users} left join ${owned} on owned.owner = ${users.id}`,
  },
};

function matching({ pattern, role, active, className }: UserBounds): SQL | undefined {
  return and(
    isNull(users.deletedAtMs),
    pattern === null
      ? undefined
      : sql`(${users.username} like ${pattern} escape '\\' or ${users.email} like ${pattern} escape '\\'
          or ${users.className} like ${pattern} escape '\\')`,
    role === null ? undefined : sql`${users.role} = ${role}`,
    active === null ? undefined : sql`${users.active} = ${active}`,
    className === null ? undefined : eq(users.className, className),
  );
}

const shown = {
  id: users.id,
  username: users.username,
  role: users.role,
  active: users.active,
  className: users.className,
  email: users.email,
  mustChangePassword: users.mustChangePassword,
  totpEnabledAtMs: users.totpEnabledAtMs,
  createdAtMs: users.createdAtMs,
  expiresAtMs: users.expiresAtMs,
  lastLoginAtMs: users.lastLoginAtMs,
  balance,
};

const vmColumns = {
  ownerId: vms.ownerId,
  state: vms.state,
  ramMb: vms.ramMb,
  cpuCores: vms.cpuCores,
  diskGb: vms.diskGb,
};

export type UserQueries = ReturnType<typeof prepareUserQueries>;
export type FoundUser = ReturnType<UserQueries["rowsOf"]>[number];
export type OwnedVm = ReturnType<UserQueries["vmsOf"]>[number];

export function prepareUserQueries({ orm }: Db) {
  return {
    /** Keys of one page in order. */
    page({ sort, order, after, limit, ...bounds }: PageRequest): { id: UserId; sortKey: string | number }[] {
      const { key, source } = sortKeys[sort];
      const direction = sql.raw(order);
      const compare = sql.raw(order === "asc" ? ">" : "<");
      const beyond =
        after === null ? undefined : sql`(${key}, ${users.id}) ${compare} (${after.key}, ${after.id})`;
      return orm.all(sql`
        select ${users.id} as id, ${key} as sortKey from ${source} where ${and(matching(bounds), beyond)}
        order by ${key} ${direction}, ${users.id} ${direction} limit ${limit}`);
    },
    count: (bounds: UserBounds) =>
      orm
        .select({ n: sql<number>`count(*)` })
        .from(users)
        .where(matching(bounds))
        .get()?.n ?? 0,
    idOf(username: string) {
      const named = and(eq(users.username, username), isNull(users.deletedAtMs));
      return orm.select({ id: users.id }).from(users).where(named).get()?.id ?? null;
    },
    rowsOf: (ids: readonly UserId[]) =>
      orm
        .select(shown)
        .from(users)
        .where(and(inArray(users.id, [...ids]), isNull(users.deletedAtMs)))
        .all(),
    vmsOf: (ids: readonly UserId[]) =>
      orm
        .select(vmColumns)
        .from(vms)
        .where(and(inArray(vms.ownerId, [...ids]), isNull(vms.destroyedAtMs)))
        .all(),
  };
}
