/** What a user does with the own account: password, sessions, second factor, API tokens. */
import { z } from "zod";
import { loginResult, password, text } from "./auth.ts";
import { command } from "./command-spec.ts";
import { line, oneOf, wholeNumber } from "./fields.ts";
import { apiTokenId, epochMs } from "./ids.ts";

export const sessionView = z.object({
  /** Names the session in `session.revoke`; it is no secret and opens nothing. */
  id: z.string(),
  current: z.boolean(),
  remoteAddress: z.string(),
  userAgent: z.string(),
  createdAtMs: epochMs,
  expiresAtMs: epochMs,
});
export type SessionView = z.infer<typeof sessionView>;

export const tokenScopes = ["read", "write"] as const;

export const apiTokenView = z.object({
  id: apiTokenId,
  name: z.string(),
  scope: z.enum(tokenScopes),
  /** The first characters, to tell tokens apart. */
  prefix: z.string(),
  createdAtMs: epochMs,
  expiresAtMs: epochMs,
  lastUsedAtMs: epochMs.nullable(),
});
export type ApiTokenView = z.infer<typeof apiTokenView>;

const guarded = { access: "user", interactive: true } as const;

export const accountCommands = {
  "auth.changePassword": command({
    summary: "Change your password; every other session and all API tokens end",
    ...guarded,
    beforePasswordChange: true,
    effect: "write",
    input: z.strictObject({ currentPassword: text(128), newPassword: password }),
    output: loginResult,
    rest: { method: "POST", path: "/api/auth/password", session: "opens" },
  }),
  "session.list": command({
    summary: "Your live sessions, newest first",
    access: "user",
    effect: "read",
    input: z.strictObject({}),
    output: z.object({ sessions: z.array(sessionView) }),
    rest: { method: "GET", path: "/api/account/sessions" },
  }),
  "session.revoke": command({
    summary: "End one of your sessions and its sockets",
    ...guarded,
    effect: "write",
    input: z.strictObject({ sessionId: text(64) }),
    output: z.object({}),
    rest: { method: "DELETE", path: "/api/account/sessions/{sessionId}" },
  }),
  "session.revokeOthers": command({
    summary: "End all your sessions but this one",
    ...guarded,
    effect: "write",
    input: z.strictObject({}),
    output: z.object({ ended: z.int() }),
    rest: { method: "POST", path: "/api/account/sessions/revoke-others" },
  }),
  "totp.begin": command({
    summary: "A new secret for an authenticator app; nothing changes until it is confirmed",
    ...guarded,
    effect: "write",
    input: z.strictObject({ password: text(128) }),
    output: z.object({
      /** Base32, for typing. */
      secret: z.string(),
      /** For a QR code: otpauth://totp/... */
      otpauthUrl: z.string(),
    }),
    rest: { method: "POST", path: "/api/account/totp" },
  }),
  "totp.confirm": command({
    summary: "Switch the second factor on with a first code; answers with the recovery codes, once",
    ...guarded,
    effect: "write",
    input: z.strictObject({ code: text(32) }),
    output: z.object({ recoveryCodes: z.array(z.string()) }),
    rest: { method: "POST", path: "/api/account/totp/confirm" },
  }),
  "totp.remove": command({
    summary: "Switch the second factor off",
    ...guarded,
    effect: "write",
    input: z.strictObject({ password: text(128), code: text(32) }),
    output: z.object({}),
    rest: { method: "POST", path: "/api/account/totp/remove" },
  }),
  "totp.recoveryCodes": command({
    summary: "New recovery codes in place of the old ones; shown once",
    ...guarded,
    effect: "write",
    input: z.strictObject({ password: text(128), code: text(32) }),
    output: z.object({ recoveryCodes: z.array(z.string()) }),
    rest: { method: "POST", path: "/api/account/totp/recovery-codes" },
  }),
  "token.list": command({
    summary: "Your API tokens",
    access: "user",
    effect: "read",
    input: z.strictObject({}),
    output: z.object({ tokens: z.array(apiTokenView) }),
    rest: { method: "GET", path: "/api/account/tokens" },
  }),
  "token.create": command({
    summary: "A new API token; its text is shown once",
    ...guarded,
    effect: "write",
    input: z.strictObject({
      name: line(1, 64),
      scope: oneOf(tokenScopes),
      expiresInDays: wholeNumber(1, 365, "days").default(30),
    }),
    output: z.object({ token: apiTokenView, secret: z.string() }),
    rest: { method: "POST", path: "/api/account/tokens", status: 201 },
  }),
  "token.revoke": command({
    summary: "End an API token at once",
    ...guarded,
    effect: "write",
    input: z.strictObject({ apiTokenId }),
    output: z.object({}),
    rest: { method: "DELETE", path: "/api/account/tokens/{apiTokenId}" },
  }),
} as const;
