/** Reads and writes the table of users. */
import { and, eq, gt, isNull, ne, or } from "drizzle-orm";
import type { Role, UserId, UserView } from "#protocol";
import type { Db } from "../../../db/client.ts";
import { users } from "../../../db/schema/index.ts";

export type UserRow = typeof users.$inferSelect;

export interface NewUser {
  readonly username: string;
  readonly passwordHash: string;
  readonly role: Role;
  readonly createdAtMs: number;
  readonly className?: string | null;
  readonly email?: string | null;
  readonly expiresAtMs?: number | null;
  readonly mustChangePassword?: boolean;
}

export type UserChange = Partial<Omit<UserRow, "id" | "username" | "createdAtMs">>;

export interface UserRepo {
  /** Deleted ones too: their name is asked for by what refers to them. */
  find(id: UserId): UserRow | null;
  /** Null for a deleted one: its name is free. */
  findByName(username: string): UserRow | null;
  /** An account with the role, whatever its state: a deactivated one is no invitation to claim the cloud. */
  hasAdmin(): boolean;
  /** Whether somebody else could administer the cloud at that time. */
  hasOtherActiveAdmin(than: UserId, atMs: number): boolean;
  /** Null when the name is taken. */
  add(user: NewUser): UserRow | null;
  update(id: UserId, change: UserChange): UserRow | null;
}

export function createUserRepo({ orm }: Db): UserRepo {
  return {
    find: (id) => orm.select().from(users).where(eq(users.id, id)).get() ?? null,
    findByName: (username) =>
      orm
        .select()
        .from(users)
        .where(and(eq(users.username, username), isNull(users.deletedAtMs)))
        .get() ?? null,
    hasAdmin: () =>
      orm
        .select({ id: users.id })
        .from(users)
        .where(and(eq(users.role, "admin"), isNull(users.deletedAtMs)))
        .limit(1)
        .get() !== undefined,
    hasOtherActiveAdmin: (than, atMs) =>
      orm
        .select({ id: users.id })
        .from(users)
        .where(
          and(
            ne(users.id, than),
            eq(users.role, "admin"),
            eq(users.active, true),
            isNull(users.deletedAtMs),
            or(isNull(users.expiresAtMs), gt(users.expiresAtMs, atMs)),
          ),
        )
        .limit(1)
        .get() !== undefined,
    add: (user) => orm.insert(users).values(user).onConflictDoNothing().returning().get() ?? null,
    update: (id, change) => orm.update(users).set(change).where(eq(users.id, id)).returning().get() ?? null,
  };
}

/** A user as the wire shows it: never with the password hash. */
export function toUserView(row: UserRow): UserView {
  const { id, username, role, active, className, mustChangePassword, createdAtMs, expiresAtMs } = row;
  const hasSecondFactor = row.totpEnabledAtMs !== null;
  return {
    id,
    username,
    role,
    active,
    className,
    mustChangePassword,
    hasSecondFactor,
    createdAtMs,
    expiresAtMs,
  };
}
