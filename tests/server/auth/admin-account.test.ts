/** The first administrator: by a setting or by a link that works once. */
import { expect, test } from "bun:test";
import { eq } from "drizzle-orm";
import { settings, users } from "../../../db/schema/index.ts";
import { caller, createHarness, PASSWORD, refusal } from "./harness.ts";

test("a first start without a password offers a link whose token is not stored", async () => {
  const { auth, db } = createHarness();
  const state = await auth.ensureAdmin(null);
  if (state.kind !== "unclaimed") throw new Error(state.kind);
  expect(state.setupToken).toMatch(/^[A-Za-z0-9_-]{32}$/);
  expect(JSON.stringify(db.orm.select().from(settings).all())).not.toContain(state.setupToken);
});

test("the link makes the administrator once", async () => {
  const { auth, run, sessionOf } = createHarness();
  const state = await auth.ensureAdmin(null);
  if (state.kind !== "unclaimed") throw new Error(state.kind);
  const { access_token } = await run("auth.setup", { token: state.setupToken, password: PASSWORD });
  expect(await sessionOf(access_token)).toMatchObject({ username: "admin", role: "admin" });
  const again = run("auth.setup", { token: state.setupToken, password: "somebody else" });
  expect((await refusal(again)).code).toBe("unauthenticated");
  expect(await auth.ensureAdmin(null)).toEqual({ kind: "ready" });
  expect((await run("auth.login", { username: "admin", password: PASSWORD })).user.role).toBe("admin");
});

test("of two simultaneous uses of the link one wins", async () => {
  const { auth, run, db } = createHarness();
  const state = await auth.ensureAdmin(null);
  if (state.kind !== "unclaimed") throw new Error(state.kind);
  const uses = await Promise.allSettled(
    ["first password", "second password"].map((password) =>
      run("auth.setup", { token: state.setupToken, password }),
    ),
  );
  expect(uses.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
  expect(db.orm.select().from(users).all()).toHaveLength(1);
});

test("each start replaces a link that nobody used", async () => {
  const { auth, run } = createHarness();
  const first = await auth.ensureAdmin(null);
  const second = await auth.ensureAdmin(null);
  if (first.kind !== "unclaimed" || second.kind !== "unclaimed") throw new Error("no link");
  const old = run("auth.setup", { token: first.setupToken, password: PASSWORD });
  expect((await refusal(old)).code).toBe("unauthenticated");
  await run("auth.setup", { token: second.setupToken, password: PASSWORD });
});

test("a wrong token is refused", async () => {
  const { auth, run } = createHarness();
  await auth.ensureAdmin(null);
  expect((await refusal(run("auth.setup", { token: "x".repeat(32), password: PASSWORD }))).code).toBe(
    "unauthenticated",
  );
});

test("the setting makes the administrator and voids the link", async () => {
  const { auth, run } = createHarness();
  const state = await auth.ensureAdmin(null);
  if (state.kind !== "unclaimed") throw new Error(state.kind);
  expect(await auth.ensureAdmin(PASSWORD)).toEqual({ kind: "created" });
  expect((await run("auth.login", { username: "admin", password: PASSWORD })).user.role).toBe("admin");
  const late = run("auth.setup", { token: state.setupToken, password: "somebody else" });
  expect((await refusal(late)).code).toBe("unauthenticated");
});

test("the same setting at the next start changes nothing and ends no session", async () => {
  const { auth, run, ended } = createHarness();
  await auth.ensureAdmin(PASSWORD);
  const { access_token } = await run("auth.login", { username: "admin", password: PASSWORD });
  expect(await auth.ensureAdmin(PASSWORD)).toEqual({ kind: "unchanged" });
  expect(await auth.gate.open(access_token)).not.toBeNull();
  expect(ended).toEqual([]);
});

test("a new setting resets the password, the role and the second factor, and ends the sessions", async () => {
  const { auth, run, db } = createHarness();
  await auth.ensureAdmin(PASSWORD);
  const { access_token, user } = await run("auth.login", { username: "admin", password: PASSWORD });
  const lost = {
    active: false,
    role: "user",
    expiresAtMs: 1,
    totpSecret: "lost",
    totpEnabledAtMs: 1,
  } as const;
  db.orm.update(users).set(lost).where(eq(users.id, user.id)).run();
  expect(await auth.ensureAdmin("another password")).toEqual({ kind: "reset" });
  expect(await auth.gate.open(access_token)).toBeNull();
  expect((await refusal(run("auth.login", { username: "admin", password: PASSWORD }))).code).toBe(
    "unauthenticated",
  );
  const again = await run("auth.login", { username: "admin", password: "another password" });
  expect(again.user).toMatchObject({
    active: true,
    role: "admin",
    expiresAtMs: null,
    hasSecondFactor: false,
  });
});

test("a password that the administrator chose outlives restarts with the old setting", async () => {
  const { auth, run, sessionOf } = createHarness();
  await auth.ensureAdmin(PASSWORD);
  const { access_token } = await run("auth.login", { username: "admin", password: PASSWORD });
  const change = { currentPassword: PASSWORD, newPassword: "chosen in the account" };
  await run("auth.changePassword", change, caller(await sessionOf(access_token)));
  expect(await auth.ensureAdmin(PASSWORD)).toEqual({ kind: "unchanged" });
  await run("auth.login", { username: "admin", password: change.newPassword });
  expect(await auth.ensureAdmin("a newer setting")).toEqual({ kind: "reset" });
});
