/** Accounts and sessions: `auth.*` commands. */
import { z } from "zod";
import { command } from "./command-spec.ts";
import { oneOf } from "./fields.ts";
import { epochMs, userId } from "./ids.ts";

export const role = oneOf(["user", "admin"]);
export type Role = z.infer<typeof role>;

/** ASCII only: no homoglyphs, no case twins, no trailing dots, safe as part of a folder or a log line. */
const usernameRule =
  "3 to 32 characters: lower-case letters, digits, - and _; starts with a letter, ends with a letter or digit";
export const username = z
  .string(usernameRule)
  .regex(/^[a-z][a-z0-9_-]{1,30}[a-z0-9]$/, usernameRule)
  .meta({ examples: ["ada"] });

/** Length only, as NIST SP 800-63B asks; the upper bound keeps hashing cost flat. */
export const password = z
  .string("8 to 128 characters")
  .min(8, "at least 8 characters")
  .max(128, "at most 128 characters");

/** Text of which nothing is known but its length. */
export const text = (max: number) => {
  const allowed = `1 to ${max} characters`;
  return z.string(allowed).min(1, allowed).max(max, allowed);
};

export const registrationModes = ["open", "invitation", "closed"] as const;
export const registrationMode = oneOf(registrationModes);
export type RegistrationMode = z.infer<typeof registrationMode>;

export const userView = z.object({
  id: userId,
  username: z.string(),
  role,
  active: z.boolean(),
  className: z.string().nullable(),
  /** The password was set by somebody else: only `auth.*` answers until it is changed. */
  mustChangePassword: z.boolean(),
  hasSecondFactor: z.boolean(),
  createdAtMs: epochMs,
  expiresAtMs: epochMs.nullable(),
});
export type UserView = z.infer<typeof userView>;

/** Field names of RFC 6749 section 5.1, so that OAuth clients and `curl` users find what they expect. */
export const loginResult = z.object({
  access_token: z.string(),
  token_type: z.literal("bearer"),
  expires_in: z.int().positive().meta({ description: "Seconds until the token expires." }),
  user: userView,
});
export type LoginResult = z.infer<typeof loginResult>;

export const authCommands = {
  "auth.register": command({
    summary: "Register an account and log in",
    access: "public",
    effect: "write",
    input: z.strictObject({ username, password, invitation: text(128).optional() }),
    output: loginResult,
    rest: { method: "POST", path: "/api/auth/register", status: 201, session: "opens" },
  }),
  "auth.login": command({
    summary: "Log in and get a session",
    access: "public",
    effect: "write",
    // Loose on purpose: a wrong name must get the same answer as a wrong password, not a lesson in the rules.
    input: z.strictObject({
      username: text(64),
      password: text(128),
      /** Of the authenticator app, or one recovery code; asked for by `second_factor_required`. */
      code: text(32).optional(),
    }),
    output: loginResult,
    rest: { method: "POST", path: "/api/auth/login", session: "opens" },
  }),
  "auth.setup": command({
    summary: "Set the administrator's password with the one-time set-up token",
    access: "public",
    effect: "write",
    input: z.strictObject({ token: text(128), password }),
    output: loginResult,
    rest: { method: "POST", path: "/api/auth/setup", session: "opens" },
  }),
  "auth.logout": command({
    summary: "Revoke the current session and close its sockets",
    access: "user",
    beforePasswordChange: true,
    effect: "write",
    input: z.strictObject({}),
    output: z.object({}),
    rest: { method: "POST", path: "/api/auth/logout", session: "closes" },
  }),
  "auth.options": command({
    summary: "How one may get an account here",
    access: "public",
    effect: "read",
    input: z.strictObject({}),
    output: z.object({ registration: registrationMode }),
    rest: { method: "GET", path: "/api/auth/options" },
  }),
  "auth.me": command({
    summary: "The current user",
    access: "user",
    beforePasswordChange: true,
    effect: "read",
    input: z.strictObject({}),
    output: z.object({ user: userView }),
    rest: { method: "GET", path: "/api/auth/me" },
  }),
} as const;
