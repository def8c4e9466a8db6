/** Guessing is slowed down; nobody locks somebody else out. */
import { expect, setDefaultTimeout, test } from "bun:test";
import { addressKey } from "../../../server/features/auth/address-key.ts";
import { throttleLimits } from "../../../server/features/auth/login-throttle.ts";
import { createPasswordHasher } from "../../../server/features/auth/password-hasher.ts";
import { caller, createHarness, PASSWORD, refusal } from "./harness.ts";

// Hashing is slow on purpose, and machines that test are busy.
setDefaultTimeout(30_000);

const from = (address: string) => caller(null, address);

test("throttles guesses at one account from many addresses, but not its owner's address", async () => {
  const { run } = createHarness();
  await run("auth.register", { username: "ada", password: PASSWORD }, from("10.0.0.1"));
  const codes: string[] = [];
  for (let n = 1; n <= 20; n += 1) {
    const guess = run("auth.login", { username: "ada", password: "wrong password" }, from(`198.51.100.${n}`));
    codes.push((await refusal(guess)).code);
  }
  expect(codes.at(0)).toBe("unauthenticated");
  expect(codes.at(-1)).toBe("rate_limited");
  const stranger = run("auth.login", { username: "ada", password: PASSWORD }, from("203.0.113.7"));
  expect(await refusal(stranger)).toMatchObject({ code: "rate_limited", retryAfterMs: expect.any(Number) });
  const owner = await run("auth.login", { username: "ada", password: PASSWORD }, from("10.0.0.1"));
  expect(owner.user.username).toBe("ada");
});

test("throttles one address at one account and leaves its other accounts alone", async () => {
  const { run } = createHarness();
  await run("auth.register", { username: "ada", password: PASSWORD });
  await run("auth.register", { username: "bob", password: PASSWORD });
  const guesses = Array.from({ length: 12 }, () =>
    refusal(run("auth.login", { username: "ada", password: "wrong password" })),
  );
  const codes = (await Promise.all(guesses)).map(({ code }) => code);
  expect(codes.filter((code) => code === "unauthenticated")).toHaveLength(8);
  expect(codes.filter((code) => code === "rate_limited")).toHaveLength(4);
  expect((await run("auth.login", { username: "bob", password: PASSWORD })).user.username).toBe("bob");
});

test("throttles unknown names exactly as known ones", async () => {
  const { run } = createHarness();
  await run("auth.register", { username: "ada", password: PASSWORD }, from("10.0.0.9"));
  const codesOf = async (username: string) => {
    const codes: string[] = [];
    for (let n = 0; n < 10; n += 1)
      codes.push((await refusal(run("auth.login", { username, password: "wrong password" }))).code);
    return codes;
  };
  expect(await codesOf("nobody")).toEqual(await codesOf("ada"));
});

test("a right password clears the count of its address", async () => {
  const { run } = createHarness();
  await run("auth.register", { username: "ada", password: PASSWORD });
  for (let round = 0; round < 3; round += 1) {
    for (let n = 0; n < 7; n += 1)
      await refusal(run("auth.login", { username: "ada", password: "wrong password" }));
    await run("auth.login", { username: "ada", password: PASSWORD });
  }
});

test("an attempt that a full queue refused counts as no failure", async () => {
  const { run } = createHarness({
    hashing: { parallel: 1, maxWaiting: 1 },
    throttle: { ...throttleLimits, address: { points: 10, duration: 300 } },
  });
  await run("auth.register", { username: "ada", password: PASSWORD });
  const strangers = from("203.0.113.7");
  const codes: string[] = [];
  // A class that logs in at once, from behind one router: most are told to come back.
  for (let round = 0; round < 8; round += 1) {
    const attempts = Array.from({ length: 4 }, () =>
      run("auth.login", { username: "ada", password: PASSWORD }, strangers).then(
        () => "in",
        ({ code }: { code: string }) => code,
      ),
    );
    codes.push(...(await Promise.all(attempts)));
  }
  expect(codes).toContain("unavailable");
  expect(codes.filter((code) => code === "rate_limited")).toEqual([]);
  expect((await run("auth.login", { username: "ada", password: PASSWORD }, strangers)).user.username).toBe(
    "ada",
  );
});

test("a full hashing queue refuses and says when to come back", async () => {
  const hasher = createPasswordHasher({ parallel: 1, maxWaiting: 2 });
  const outcomes = await Promise.allSettled(Array.from({ length: 6 }, () => hasher.hash(PASSWORD)));
  const refusals = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason] : []));
  expect(refusals).toHaveLength(3);
  expect(refusals[0]).toMatchObject({ code: "unavailable", retryAfterMs: expect.any(Number) });
});

test.each([
  ["192.0.2.7", "192.0.2.7"],
  ["::ffff:192.0.2.7", "192.0.2.7"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
  ["2001:0DB8:0001:0002::9", "2001:db8:1:2::/64"],
  ["fe80::1%eth0", "fe80:0:0:0::/64"],
  ["::1", "0:0:0:0::/64"],
])("counts %s as %s", (address, key) => {
  expect(addressKey(address)).toBe(key);
});
