/** The second factor: switched on by a first code, asked for after the password, each code good once. */
import { expect, test } from "bun:test";
import { TOTP } from "otpauth";
import { recoveryCodes as codeTable, users } from "../../../db/schema/index.ts";
import { createVault } from "../../../server/features/auth/vault.ts";
import { caller, createHarness, PASSWORD, refusal } from "./harness.ts";

const STEP_MS = 30_000;

async function withSecondFactor() {
  const harness = createHarness();
  const { run, sessionOf, clock } = harness;
  const { access_token, user } = await run("auth.register", { username: "ada", password: PASSWORD });
  const mine = caller(await sessionOf(access_token));
  const { secret, otpauthUrl } = await run("totp.begin", { password: PASSWORD }, mine);
  const codeNow = () => new TOTP({ secret }).generate({ timestamp: clock.now() });
  const used = codeNow();
  const { recoveryCodes } = await run("totp.confirm", { code: used }, mine);
  const login = (code?: string) =>
    run("auth.login", { username: "ada", password: PASSWORD, ...(code !== undefined && { code }) });
  return { ...harness, userId: user.id, mine, secret, otpauthUrl, codeNow, used, recoveryCodes, login };
}

test("is asked for only after the right password, and takes a code of the app", async () => {
  const { run, login, codeNow, clock } = await withSecondFactor();
  const wrong = await refusal(run("auth.login", { username: "ada", password: "not it at all" }));
  expect(wrong.code).toBe("unauthenticated");
  expect((await refusal(login())).code).toBe("second_factor_required");
  expect(await refusal(login("000000"))).toMatchObject({ code: "unauthenticated", field: "code" });
  clock.advance(STEP_MS);
  expect((await login(codeNow())).user.hasSecondFactor).toBe(true);
});

test("a code works once, and so do older ones", async () => {
  const { login, codeNow, clock, used } = await withSecondFactor();
  expect((await refusal(login(used))).code).toBe("unauthenticated");
  clock.advance(STEP_MS);
  const code = codeNow();
  await login(` ${code.slice(0, 3)} ${code.slice(3)}`);
  expect((await refusal(login(code))).code).toBe("unauthenticated");
});

test("a code is accepted one step early or late, and no further away", async () => {
  const { login, secret, clock } = await withSecondFactor();
  const codeAt = (steps: number) =>
    new TOTP({ secret }).generate({ timestamp: clock.now() + steps * STEP_MS });
  clock.advance(10 * STEP_MS);
  expect((await refusal(login(codeAt(-2)))).code).toBe("unauthenticated");
  expect((await refusal(login(codeAt(2)))).code).toBe("unauthenticated");
  await login(codeAt(-1));
  await login(codeAt(1));
});

test("of two simultaneous uses of one code one wins", async () => {
  const { login, codeNow, clock } = await withSecondFactor();
  clock.advance(STEP_MS);
  const code = codeNow();
  const results = await Promise.allSettled([login(code), login(code)]);
  expect(results.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
});

test("a recovery code works once, in any spelling", async () => {
  const { login, recoveryCodes } = await withSecondFactor();
  expect(new Set(recoveryCodes).size).toBe(8);
  const [code = ""] = recoveryCodes;
  await login(code.toUpperCase().replaceAll("-", " "));
  expect((await refusal(login(code))).code).toBe("unauthenticated");
});

test("neither the secret nor a recovery code can be read in the database", async () => {
  const { db, secret, recoveryCodes, otpauthUrl, userId } = await withSecondFactor();
  const stored = JSON.stringify([db.orm.select().from(users).all(), db.orm.select().from(codeTable).all()]);
  expect(stored).not.toContain(secret);
  for (const code of recoveryCodes) expect(stored).not.toContain(code);
  expect(otpauthUrl).toContain(`secret=${secret}`);
  const sealed = createVault("another secret of the server, quite long", "second factor");
  expect(sealed.open(db.orm.select().from(users).all()[0]?.totpSecret ?? "", `user ${userId}`)).toBeNull();
});

test("guesses of a code are throttled, and asking without one buys no new guesses", async () => {
  const { login, codeNow, clock } = await withSecondFactor();
  const codes: string[] = [];
  for (let guess = 0; guess < 12; guess += 1) {
    codes.push((await refusal(login("123456"))).code);
    if (codes.at(-1) === "rate_limited") break;
    await refusal(login());
  }
  expect(codes).toContain("rate_limited");
  clock.advance(STEP_MS);
  expect((await refusal(login(codeNow()))).code).toBe("rate_limited");
});

test("password and code are needed to change or remove it", async () => {
  const { run, mine, codeNow, clock, login, recoveryCodes } = await withSecondFactor();
  clock.advance(STEP_MS);
  const wrongPassword = run("totp.remove", { password: "not it at all", code: codeNow() }, mine);
  expect(await refusal(wrongPassword)).toMatchObject({ code: "forbidden", field: "password" });
  const wrongCode = run("totp.remove", { password: PASSWORD, code: "000000" }, mine);
  expect(await refusal(wrongCode)).toMatchObject({ code: "forbidden", field: "code" });

  const renewed = await run("totp.recoveryCodes", { password: PASSWORD, code: codeNow() }, mine);
  expect((await refusal(login(recoveryCodes[0]))).code).toBe("unauthenticated");
  await login(renewed.recoveryCodes[0]);
  await run("totp.remove", { password: PASSWORD, code: renewed.recoveryCodes[1] ?? "" }, mine);
  expect((await login()).user.hasSecondFactor).toBe(false);
});

test("a reset by an administrator switches it off", async () => {
  const { auth, run, userId } = await withSecondFactor();
  const password = await auth.accounts.resetPassword(userId);
  const { user } = await run("auth.login", { username: "ada", password });
  expect(user).toMatchObject({ mustChangePassword: true, hasSecondFactor: false });
});
