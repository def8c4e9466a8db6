/** Users and their sessions. */
import { sql } from "drizzle-orm";
import { index, integer, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";
import type { UserId } from "#protocol";

export const users = sqliteTable(
  "users",
  {
    id: integer("id").$type<UserId>().primaryKey({ autoIncrement: true }),
    username: text("username").notNull(),
    passwordHash: text("password_hash").notNull(),
    role: text("role", { enum: ["user", "admin"] })
      .notNull()
      .default("user"),
    active: integer("active", { mode: "boolean" }).notNull().default(true),
    createdAtMs: integer("created_at_ms").notNull(),
  },
  (table) => [uniqueIndex("users_username").on(table.username)],
);

/** A session is live while it is not revoked, not expired, and its user is active. */
export const sessions = sqliteTable(
  "sessions",
  {
    /** Random; it is the `jti` of the token. The token itself is never stored. */
    id: text("id").primaryKey(),
    userId: integer("user_id")
      .$type<UserId>()
      .notNull()
      .references(() => users.id),
    remoteAddress: text("remote_address").notNull(),
    userAgent: text("user_agent").notNull(),
    createdAtMs: integer("created_at_ms").notNull(),
    expiresAtMs: integer("expires_at_ms").notNull(),
    revokedAtMs: integer("revoked_at_ms"),
  },
  (table) => [
    index("sessions_live")
      .on(table.userId)
      .where(sql`revoked_at_ms is null`),
  ],
);

/** Small facts of this installation, e.g. the hash of the set-up token. */
export const settings = sqliteTable("settings", {
  key: text("key").primaryKey(),
  value: text("value").notNull(),
});
