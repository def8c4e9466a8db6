/** Accounts as administration sees them, and who may register. */
import { expect, test } from "bun:test";
import { caller, createHarness, PASSWORD, refusal } from "./harness.ts";

const plain = { password: null, role: "user", className: null, email: null, expiresAtMs: null } as const;

test("an account made for somebody has a password that must be changed", async () => {
  const { auth, run, sessionOf, created } = createHarness();
  const { userId, oneTimePassword } = await auth.accounts.create({
    ...plain,
    username: "ada",
    className: "4A",
  });
  expect(created).toEqual([{ userId, username: "ada" }]);
  const password = oneTimePassword ?? "";
  expect(password).toMatch(/^[a-z2-9]{4}(-[a-z2-9]{4}){3}$/);
  const { access_token, user } = await run("auth.login", { username: "ada", password });
  expect(user).toMatchObject({ mustChangePassword: true, className: "4A" });
  const change = { currentPassword: password, newPassword: PASSWORD };
  const changed = await run("auth.changePassword", change, caller(await sessionOf(access_token)));
  expect(changed.user.mustChangePassword).toBe(false);
  expect(await refusal(auth.accounts.create({ ...plain, username: "ada" }))).toMatchObject({
    code: "conflict",
    field: "username",
  });
});

test("an account that expires keeps nobody in and lets nobody in", async () => {
  const { auth, run, clock, sessionOf } = createHarness();
  const { access_token, user } = await run("auth.register", { username: "ada", password: PASSWORD });
  auth.accounts.update(user.id, { expiresAtMs: clock.now() + 1_000 });
  const { sessionId, expiresAtMs } = await sessionOf(access_token);
  expect(expiresAtMs).toBe(clock.now() + 1_000);
  clock.advance(1_000);
  expect(auth.gate.current(sessionId)).toBeNull();
  expect((await refusal(run("auth.login", { username: "ada", password: PASSWORD }))).message).toContain(
    "expired",
  );
});

test("another role ends the sessions that were opened with the old one", async () => {
  const { auth, run, ended } = createHarness();
  await auth.ensureAdmin(PASSWORD);
  const { access_token, user } = await run("auth.register", { username: "ada", password: PASSWORD });
  auth.accounts.update(user.id, { role: "admin" });
  expect(await auth.gate.open(access_token)).toBeNull();
  expect(ended).toEqual([{ kind: "user", userId: user.id }]);
  expect((await run("auth.login", { username: "ada", password: PASSWORD })).user.role).toBe("admin");
});

test("the cloud keeps an administrator, whatever is asked", async () => {
  const { auth, run, clock } = createHarness();
  await auth.ensureAdmin(PASSWORD);
  const admin = (await run("auth.login", { username: "admin", password: PASSWORD })).user.id;
  const changes = [{ role: "user" }, { active: false }, { expiresAtMs: clock.now() + 1_000 }] as const;
  const refusals = [
    ...changes.map((change) => () => auth.accounts.update(admin, change)),
    () => auth.accounts.remove(admin),
  ];
  for (const attempt of refusals) expect(attempt).toThrow("active administrator");
  await auth.accounts.create({ ...plain, username: "ada", role: "admin" });
  auth.accounts.update(admin, { role: "user" });
});

test("a removed account lets nobody in, and its name is free", async () => {
  const { auth, run } = createHarness();
  const { access_token, user } = await run("auth.register", { username: "ada", password: PASSWORD });
  auth.accounts.remove(user.id);
  expect(await auth.gate.open(access_token)).toBeNull();
  expect((await refusal(run("auth.login", { username: "ada", password: PASSWORD }))).code).toBe(
    "unauthenticated",
  );
  expect(() => auth.accounts.update(user.id, { active: true })).toThrow("No such user");
  const again = await run("auth.register", { username: "ada", password: PASSWORD });
  expect(again.user.id).not.toBe(user.id);
  expect(auth.usernameOf(user.id)).toBe("ada");
});

test("a closed cloud registers nobody", async () => {
  const { run, mode, created } = createHarness();
  mode.registration = "closed";
  expect(await run("auth.options", {})).toEqual({ registration: "closed" });
  expect((await refusal(run("auth.register", { username: "ada", password: PASSWORD }))).code).toBe(
    "forbidden",
  );
  expect(created).toEqual([]);
});

test("an invitation opens the door as often as it says, and brings its class", async () => {
  const { run, mode, invitations } = createHarness();
  mode.registration = "invitation";
  invitations.set("code", { className: "4A", usesLeft: 1 });
  const register = (username: string, invitation?: string) =>
    run("auth.register", { username, password: PASSWORD, ...(invitation !== undefined && { invitation }) });
  expect(await refusal(register("ada"))).toMatchObject({ code: "forbidden", field: "invitation" });
  expect((await refusal(register("ada", "wrong"))).code).toBe("forbidden");
  const results = await Promise.allSettled([register("ada", "code"), register("bob", "code")]);
  expect(results.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
  const won = results.find((result) => result.status === "fulfilled");
  expect(won?.value.user.className).toBe("4A");
});
