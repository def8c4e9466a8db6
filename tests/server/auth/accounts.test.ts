/** Register, login, logout, me: what they answer and what they write. */
import { expect, setDefaultTimeout, test } from "bun:test";
import { commands } from "#protocol";
import { sessions, users } from "../../../db/schema/index.ts";
import { caller, createHarness, PASSWORD, refusal } from "./harness.ts";

// Hashing is slow on purpose, and machines that test are busy.
setDefaultTimeout(30_000);

test("registers an account whose token opens a session of role user", async () => {
  const { run, sessionOf, db } = createHarness();
  const result = await run("auth.register", { username: "ada", password: PASSWORD });
  expect(result.user).toMatchObject({ username: "ada", role: "user", active: true });
  expect(result.token_type).toBe("bearer");
  expect(await sessionOf(result.access_token)).toMatchObject({ username: "ada", role: "user" });
  expect(db.orm.select().from(users).get()?.passwordHash).toStartWith("$argon2id$v=19$m=19456,t=2,");
  expect(JSON.stringify(db.orm.select().from(sessions).all())).not.toContain(result.access_token);
});

test("refuses a taken name and names the field", async () => {
  const { run } = createHarness();
  await run("auth.register", { username: "ada", password: PASSWORD });
  const error = await refusal(run("auth.register", { username: "ada", password: PASSWORD }));
  expect(error).toMatchObject({ code: "conflict", field: "username" });
});

test("gives one of two simultaneous registrations of a name to exactly one", async () => {
  const { run, db } = createHarness();
  const outcomes = await Promise.allSettled([
    run("auth.register", { username: "ada", password: PASSWORD }),
    run("auth.register", { username: "ada", password: PASSWORD }),
  ]);
  expect(outcomes.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
  expect(db.orm.select().from(users).all()).toHaveLength(1);
  expect(db.orm.select().from(sessions).all()).toHaveLength(1);
});

test("keeps the name admin for the administrator", async () => {
  const { run } = createHarness();
  const error = await refusal(run("auth.register", { username: "admin", password: PASSWORD }));
  expect(error).toMatchObject({ code: "conflict", field: "username" });
});

test.each(["Ada", "ada.", "ada ", " ada", "аda", "adä", "ada\n", "a", "ada-", "1ada", "a".repeat(33)])(
  "refuses the user name %j by the allowlist",
  (username) => {
    expect(commands["auth.register"].input.safeParse({ username, password: PASSWORD }).success).toBe(false);
  },
);

test.each([
  [7, false],
  [8, true],
  [64, true],
  [1_000, false],
  [1_000_000, false],
])("a password of %i characters is accepted: %p", (length, isAllowed) => {
  const input = { username: "ada", password: "p".repeat(length) };
  expect(commands["auth.register"].input.safeParse(input).success).toBe(isAllowed);
});

test("checks a password beyond a NUL character", async () => {
  const { run } = createHarness();
  await run("auth.register", { username: "ada", password: "abc\0defgh" });
  await run("auth.login", { username: "ada", password: "abc\0defgh" });
  const error = await refusal(run("auth.login", { username: "ada", password: "abc\0xxxxx" }));
  expect(error.code).toBe("unauthenticated");
});

test("accepts a password typed in another Unicode form", async () => {
  const { run } = createHarness();
  await run("auth.register", { username: "ada", password: "crème brûlée".normalize("NFC") });
  const result = await run("auth.login", { username: "ada", password: "crème brûlée".normalize("NFD") });
  expect(result.user.username).toBe("ada");
});

test("logs in with a capital first letter, as phones type it", async () => {
  const { run } = createHarness();
  await run("auth.register", { username: "ada", password: PASSWORD });
  expect((await run("auth.login", { username: "Ada", password: PASSWORD })).user.username).toBe("ada");
});

test("answers an unknown name and a wrong password alike, in like time", async () => {
  const { run } = createHarness({
    throttle: {
      address: { points: 1_000, duration: 60 },
      pair: { points: 1_000, duration: 60 },
      strangers: { points: 1_000, duration: 60 },
      register: { points: 1_000, duration: 60 },
    },
  });
  await run("auth.register", { username: "ada", password: PASSWORD });
  const times: Record<string, number[]> = { ada: [], nobody: [] };
  // Interleaved, so that load of the machine meets both alike.
  for (let round = 0; round < 15; round += 1) {
    const answers = new Set<string>();
    for (const username of ["ada", "nobody"]) {
      const startNs = Bun.nanoseconds();
      const error = await refusal(run("auth.login", { username, password: "wrong password" }));
      times[username]?.push(Bun.nanoseconds() - startNs);
      answers.add(`${error.code} ${error.message} ${error.field}`);
    }
    expect(answers.size).toBe(1);
  }
  const fastest = (name: string) => Math.min(...(times[name] ?? []));
  // The minimum is free of other load; without the dummy hash the ratio is about 100.
  expect(fastest("ada") / fastest("nobody")).toBeWithin(0.5, 2);
});

test("logout revokes the session, ends its sockets and leaves other sessions alone", async () => {
  const { run, auth, sessionOf, ended } = createHarness();
  const first = await run("auth.register", { username: "ada", password: PASSWORD });
  const second = await run("auth.login", { username: "ada", password: PASSWORD });
  const session = await sessionOf(first.access_token);
  await run("auth.logout", {}, caller(session));
  expect(await auth.gate.open(first.access_token)).toBeNull();
  expect(auth.gate.current(session.sessionId)).toBeNull();
  expect(ended).toEqual([{ kind: "session", sessionId: session.sessionId }]);
  expect(await auth.gate.open(second.access_token)).not.toBeNull();
});

test("me answers the account without its password hash", async () => {
  const { run, sessionOf } = createHarness();
  const { access_token } = await run("auth.register", { username: "ada", password: PASSWORD });
  const result = await run("auth.me", {}, caller(await sessionOf(access_token)));
  expect(result.user.username).toBe("ada");
  expect(JSON.stringify(result)).not.toContain("argon2");
});

test("deactivation ends every session at once and keeps new ones out", async () => {
  const { run, auth, sessionOf, ended } = createHarness();
  const { access_token, user } = await run("auth.register", { username: "ada", password: PASSWORD });
  const { sessionId } = await sessionOf(access_token);
  auth.accounts.update(user.id, { active: false });
  expect(auth.gate.current(sessionId)).toBeNull();
  expect(await auth.gate.open(access_token)).toBeNull();
  expect(ended).toEqual([{ kind: "user", userId: user.id }]);
  expect((await refusal(run("auth.login", { username: "ada", password: PASSWORD }))).code).toBe("forbidden");

  auth.accounts.update(user.id, { active: true });
  expect(await auth.gate.open(access_token)).toBeNull();
  expect((await run("auth.login", { username: "ada", password: PASSWORD })).user.active).toBe(true);
});

test("a session ends when its time is over", async () => {
  const { run, auth, clock, sessionOf } = createHarness({ sessionLifetimeMs: 60_000 });
  const { access_token, expires_in } = await run("auth.register", { username: "ada", password: PASSWORD });
  expect(expires_in).toBe(60);
  const { sessionId } = await sessionOf(access_token);
  clock.advance(60_001);
  expect(auth.gate.current(sessionId)).toBeNull();
  expect(await auth.gate.open(access_token)).toBeNull();
});
