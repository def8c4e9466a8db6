/** What people do with their own account: password, sessions, API tokens. */
import { expect, test } from "bun:test";
import { apiTokens } from "../../../db/schema/index.ts";
import { DAY_MS } from "../../../server/core/daily.ts";
import { caller, createHarness, PASSWORD, refusal } from "./harness.ts";

async function ada() {
  const harness = createHarness();
  const { access_token, user } = await harness.run("auth.register", { username: "ada", password: PASSWORD });
  return { ...harness, token: access_token, user, mine: caller(await harness.sessionOf(access_token)) };
}
const newToken = { name: "report", scope: "read", expiresInDays: 30 } as const;

test("a changed password ends every other session and all API tokens, and opens a new session", async () => {
  const { run, auth, mine, token, ended, user, told } = await ada();
  const other = await run("auth.login", { username: "ada", password: PASSWORD });
  const { secret } = await run("token.create", newToken, mine);
  const change = { currentPassword: PASSWORD, newPassword: "a new long password" };
  const { access_token } = await run("auth.changePassword", change, mine);
  for (const old of [token, other.access_token, secret]) expect(await auth.gate.open(old)).toBeNull();
  expect(await auth.gate.open(access_token)).not.toBeNull();
  expect(ended).toContainEqual({ kind: "user", userId: user.id });
  expect(told.map(({ name }) => name)).toContain("account.password.changed");
  expect((await refusal(run("auth.login", { username: "ada", password: PASSWORD }))).code).toBe(
    "unauthenticated",
  );
});

test("the current password is asked for, and guesses of it are throttled", async () => {
  const { run, mine } = await ada();
  const guess = { currentPassword: "not it at all", newPassword: "a new long password" };
  const codes: string[] = [];
  while (codes.at(-1) !== "rate_limited" && codes.length < 12)
    codes.push((await refusal(run("auth.changePassword", guess, mine))).code);
  expect(codes[0]).toBe("forbidden");
  expect(codes.at(-1)).toBe("rate_limited");
});

test("the new password is another one", async () => {
  const { run, mine } = await ada();
  const same = { currentPassword: PASSWORD, newPassword: PASSWORD };
  expect(await refusal(run("auth.changePassword", same, mine))).toMatchObject({
    code: "invalid_input",
    field: "newPassword",
  });
});

test("sessions are listed and ended, and nobody ends those of others", async () => {
  const { run, auth, mine, sessionOf, ended } = await ada();
  const other = await run("auth.login", { username: "ada", password: PASSWORD }, caller(null, "10.0.0.2"));
  const otherId = (await sessionOf(other.access_token)).sessionId;
  const stranger = await run("auth.register", { username: "bob", password: PASSWORD });
  const strangerId = (await sessionOf(stranger.access_token)).sessionId;

  const { sessions } = await run("session.list", {}, mine);
  expect(sessions.map(({ current }) => current).toSorted()).toEqual([false, true]);
  expect((await refusal(run("session.revoke", { sessionId: strangerId }, mine))).code).toBe("not_found");
  await run("session.revoke", { sessionId: otherId }, mine);
  expect(await auth.gate.open(other.access_token)).toBeNull();
  expect(ended).toEqual([{ kind: "session", sessionId: otherId }]);
});

test("the id of a session opens nothing", async () => {
  const { auth, run, mine } = await ada();
  const { sessions } = await run("session.list", {}, mine);
  expect(await auth.gate.open(sessions[0]?.id ?? "")).toBeNull();
});

test("all sessions but this one end at once", async () => {
  const { run, auth, mine, token } = await ada();
  const others = [1, 2].map(() => run("auth.login", { username: "ada", password: PASSWORD }));
  const opened = await Promise.all(others);
  expect(await run("session.revokeOthers", {}, mine)).toEqual({ ended: 2 });
  for (const { access_token } of opened) expect(await auth.gate.open(access_token)).toBeNull();
  expect(await auth.gate.open(token)).not.toBeNull();
});

test("an API token opens a session of its scope, and is stored as a hash", async () => {
  const { run, auth, mine, db, user } = await ada();
  const { token, secret } = await run("token.create", newToken, mine);
  expect(secret).toMatch(/^twc_[A-Za-z0-9_-]{43}$/);
  expect(secret.startsWith(token.prefix)).toBe(true);
  const session = await auth.gate.open(secret);
  expect(session).toMatchObject({
    userId: user.id,
    kind: "token",
    scope: "read",
    sessionId: `token:${token.id}`,
  });
  expect(auth.gate.current(`token:${token.id}`)).toEqual(session);
  expect(JSON.stringify(db.orm.select().from(apiTokens).all())).not.toContain(secret);
  expect(await auth.gate.open(`${secret.slice(0, -1)}_`)).toBeNull();
});

test("the use of a token is noted once a minute", async () => {
  const { run, auth, mine, clock } = await ada();
  const { secret } = await run("token.create", newToken, mine);
  const lastUsed = async () => (await run("token.list", {}, mine)).tokens[0]?.lastUsedAtMs;
  expect(await lastUsed()).toBeNull();
  await auth.gate.open(secret);
  const first = await lastUsed();
  expect(first).toBe(clock.now());
  clock.advance(59_000);
  await auth.gate.open(secret);
  expect(await lastUsed()).toBe(first);
  clock.advance(1_000);
  await auth.gate.open(secret);
  expect(await lastUsed()).toBe(clock.now());
});

test("a token ends when it is revoked, expires, or its user may not come in", async () => {
  const { run, auth, mine, clock, ended, user } = await ada();
  const make = async () => run("token.create", newToken, mine);
  const revoked = await make();
  await auth.gate.open(revoked.secret);
  await run("token.revoke", { apiTokenId: revoked.token.id }, mine);
  expect(ended).toEqual([{ kind: "session", sessionId: `token:${revoked.token.id}` }]);
  expect(await auth.gate.open(revoked.secret)).toBeNull();
  expect(auth.gate.current(`token:${revoked.token.id}`)).toBeNull();
  expect((await refusal(run("token.revoke", { apiTokenId: revoked.token.id }, mine))).code).toBe("not_found");

  const { secret } = await make();
  await auth.gate.open(secret);
  auth.accounts.update(user.id, { active: false });
  expect(await auth.gate.open(secret)).toBeNull();
  auth.accounts.update(user.id, { active: true });
  expect(await auth.gate.open(secret)).not.toBeNull();
  clock.advance(30 * DAY_MS);
  expect(await auth.gate.open(secret)).toBeNull();
});
