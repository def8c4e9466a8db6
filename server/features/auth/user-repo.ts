/** Reads and writes the table of users. */
import { eq } from "drizzle-orm";
import type { Role, UserId, UserView } from "#protocol";
import type { Db } from "../../../db/client.ts";
import { users } from "../../../db/schema/index.ts";

export type UserRow = typeof users.$inferSelect;

export interface NewUser {
  readonly username: string;
  readonly passwordHash: string;
  readonly role: Role;
  readonly createdAtMs: number;
}

export interface UserRepo {
  find(id: UserId): UserRow | null;
  findByName(username: string): UserRow | null;
  hasAdmin(): boolean;
  /** Null when the name is taken. */
  add(user: NewUser): UserRow | null;
  update(id: UserId, change: Partial<Pick<UserRow, "passwordHash" | "role" | "active">>): UserRow | null;
}

export function createUserRepo({ orm }: Db): UserRepo {
  return {
    find: (id) => orm.select().from(users).where(eq(users.id, id)).get() ?? null,
    findByName: (username) => orm.select().from(users).where(eq(users.username, username)).get() ?? null,
    hasAdmin: () =>
      orm.select({ id: users.id }).from(users).where(eq(users.role, "admin")).limit(1).get() !== undefined,
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
