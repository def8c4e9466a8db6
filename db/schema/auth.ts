/** Users and their sessions. */
import { sql } from "drizzle-orm";
import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";
import type { ApiTokenId, InvitationId, SshKeyId, UserId } from "#protocol";

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
    email: text("email"),
    className: text("class_name"),
    /** Set by an administrator or a roster: everything but `auth.*` waits until it is changed. */
    mustChangePassword: integer("must_change_password", { mode: "boolean" }).notNull().default(false),
    /** No log-in from then on. */
    expiresAtMs: integer("expires_at_ms"),
    lastLoginAtMs: integer("last_login_at_ms"),
    /** Base32; in force once `totpEnabledAtMs` is set. */
    totpSecret: text("totp_secret"),
    totpEnabledAtMs: integer("totp_enabled_at_ms"),
    /** The newest time step a code was accepted for: no code works twice. */
    totpLastStep: integer("totp_last_step"),
    createdAtMs: integer("created_at_ms").notNull(),
    /** A deleted user keeps the row, because ledger, events and audit refer to it; the name is free again. */
    deletedAtMs: integer("deleted_at_ms"),
  },
  (table) => [
    uniqueIndex("users_username")
      .on(table.username)
      .where(sql`deleted_at_ms is null`),
    index("users_class").on(table.className),
  ],
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

/** API tokens: random, known to us by their hash alone. */
export const apiTokens = sqliteTable(
  "api_tokens",
  {
    id: integer("id").$type<ApiTokenId>().primaryKey({ autoIncrement: true }),
    userId: integer("user_id")
      .$type<UserId>()
      .notNull()
      .references(() => users.id),
    name: text("name").notNull(),
    scope: text("scope", { enum: ["read", "write"] }).notNull(),
    prefix: text("prefix").notNull(),
    /** SHA-256, hex. The token has 256 random bits, so a slow hash would add nothing. */
    hash: text("hash").notNull(),
    createdAtMs: integer("created_at_ms").notNull(),
    expiresAtMs: integer("expires_at_ms").notNull(),
    lastUsedAtMs: integer("last_used_at_ms"),
    revokedAtMs: integer("revoked_at_ms"),
  },
  (table) => [uniqueIndex("api_tokens_hash").on(table.hash), index("api_tokens_user").on(table.userId)],
);

export const recoveryCodes = sqliteTable(
  "recovery_codes",
  {
    userId: integer("user_id")
      .$type<UserId>()
      .notNull()
      .references(() => users.id),
    hash: text("hash").notNull(),
    usedAtMs: integer("used_at_ms"),
  },
  (table) => [primaryKey({ columns: [table.userId, table.hash] })],
);

export const invitations = sqliteTable(
  "invitations",
  {
    id: integer("id").$type<InvitationId>().primaryKey({ autoIncrement: true }),
    code: text("code").notNull(),
    className: text("class_name"),
    usesLeft: integer("uses_left").notNull(),
    createdBy: integer("created_by").$type<UserId>().notNull(),
    createdAtMs: integer("created_at_ms").notNull(),
    expiresAtMs: integer("expires_at_ms").notNull(),
    revokedAtMs: integer("revoked_at_ms"),
  },
  (table) => [uniqueIndex("invitations_code").on(table.code)],
);

export const sshKeys = sqliteTable(
  "ssh_keys",
  {
    id: integer("id").$type<SshKeyId>().primaryKey({ autoIncrement: true }),
    userId: integer("user_id")
      .$type<UserId>()
      .notNull()
      .references(() => users.id),
    name: text("name").notNull(),
    publicKey: text("public_key").notNull(),
    fingerprint: text("fingerprint").notNull(),
    createdAtMs: integer("created_at_ms").notNull(),
  },
  (table) => [uniqueIndex("ssh_keys_user_fingerprint").on(table.userId, table.fingerprint)],
);

/** Answers of requests with an Idempotency-Key; kept for a day. */
export const idempotencyKeys = sqliteTable(
  "idempotency_keys",
  {
    userId: integer("user_id").$type<UserId>().notNull(),
    key: text("key").notNull(),
    /** SHA-256 of command and input. */
    fingerprint: text("fingerprint").notNull(),
    /** Null while the first request is at work, and after a crash in it. */
    status: integer("status"),
    body: text("body"),
    createdAtMs: integer("created_at_ms").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.userId, table.key] }),
    index("idempotency_keys_age").on(table.createdAtMs),
  ],
);

/** Small facts of this installation, e.g. the hash of the set-up token. */
export const settings = sqliteTable("settings", {
  key: text("key").primaryKey(),
  value: text("value").notNull(),
});
