/** Warnings before nothing is left, each once per crossing, and what happens at zero. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import type { Session } from "../../../server/core/caller.ts";
import { levelOf, planWarning } from "../../../server/features/credits/level-rules.ts";
import { billed, HOUR, job, MINUTE, openLedger, type TestLedger } from "./test-ledger.ts";

let cloud: TestLedger;
let ada: Session;
beforeEach(async () => {
  cloud = openLedger();
  ada = cloud.user("ada");
  await cloud.settled();
});
afterEach(() => cloud.close());

const names = () => cloud.events.map(({ name }) => name);
const view = () => cloud.viewOf(ada.userId);
const give = (amount: number, key = `${amount} ${cloud.clock.now()}`) =>
  cloud.adjust({ userId: ada.userId, amount, reason: "test", actor: null, key });
const run = async (ms: number) => {
  cloud.clock.advance(ms);
  await cloud.settled();
};

describe("levels", () => {
  const funds = { total: 50_000, grantBalance: 100_000, emptiesInMs: null };

  test.each([
    [{ ...funds }, "ok"],
    [{ ...funds, total: 20_001 }, "ok"],
    [{ ...funds, total: 20_000 }, "low"],
    [{ ...funds, emptiesInMs: 30 * MINUTE + 1 }, "ok"],
    [{ ...funds, emptiesInMs: 30 * MINUTE }, "critical"],
    [{ ...funds, total: 20_000, emptiesInMs: 0 }, "critical"],
    [{ ...funds, total: 0, emptiesInMs: 0 }, "empty"],
    [{ total: 0, grantBalance: 0, emptiesInMs: null }, "empty"],
  ] as const)("of %j is %s", (given, level) => {
    expect(levelOf(given)).toBe(level);
  });

  test("are told again only after better times", () => {
    const low = { ...funds, total: 20_000 };
    expect(planWarning("ok", low)).toEqual({ told: "low", tell: "low" });
    expect(planWarning("low", low)).toEqual({ told: "low", tell: null });
    expect(planWarning("low", { ...funds, total: 24_000 })).toEqual({ told: "low", tell: null });
    expect(planWarning("low", { ...funds, total: 26_000 })).toEqual({ told: "ok", tell: null });
    const soon = { ...funds, emptiesInMs: 20 * MINUTE };
    expect(planWarning("low", soon)).toEqual({ told: "critical", tell: "critical" });
    expect(planWarning("critical", { ...soon, emptiesInMs: 50 * MINUTE })).toEqual({
      told: "critical",
      tell: null,
    });
    expect(planWarning("critical", { ...soon, emptiesInMs: 61 * MINUTE })).toEqual({
      told: "ok",
      tell: null,
    });
    expect(planWarning("empty", { ...funds, total: 1_000 })).toEqual({ told: "low", tell: null });
  });
});

test("the way to zero is low, critical, empty, each told once", async () => {
  cloud.inState(ada.userId, 1, "running");
  await run(25 * HOUR);
  expect(names()).toEqual([]);
  await run(HOUR);
  expect(names()).toEqual(["credits.low"]);
  expect(cloud.events[0]).toMatchObject({
    type: "system",
    severity: "warning",
    ownerId: ada.userId,
    message: "19.969 credits left of 100 credits: 20 % or less",
  });
  await run(6 * HOUR);
  expect(names()).toEqual(["credits.low", "credits.critical"]);
  expect(cloud.events[1]?.message).toBe("1.524 credits left: 29 minutes at 3.1 credits an hour");
  await run(HOUR);
  expect(names()).toEqual(["credits.low", "credits.critical", "credits.empty"]);
  expect(cloud.events[2]).toMatchObject({ severity: "critical" });
  expect(view()).toMatchObject({ balance: 0, level: "empty", emptiesAtMs: null });
});

test("the moment of zero is met between two minutes", async () => {
  give(-98_000);
  cloud.inState(ada.userId, 1, "running");
  await cloud.settled();
  const zeroInMs = Math.ceil((2_000 * HOUR) / 3_100);
  expect(zeroInMs % MINUTE).toBeGreaterThan(0);
  await run(zeroInMs - 1);
  expect(cloud.emptied).toEqual([]);
  await run(1);
  expect(cloud.emptied).toEqual([ada.userId]);
  expect(view().balance).toBe(0);
});

test("running VMs of an empty account are asked to stop until none runs", async () => {
  give(-99_999);
  cloud.inState(ada.userId, 1, "running");
  await run(5 * MINUTE);
  expect(cloud.emptied.length).toBeGreaterThanOrEqual(5);
  cloud.inState(ada.userId, 1, "stopped");
  await cloud.settled();
  cloud.emptied.length = 0;
  await run(10 * MINUTE);
  expect(cloud.emptied).toEqual([]);
  expect(names().filter((name) => name === "credits.empty")).toHaveLength(1);
});

test("VMs are kept for seven days from the moment of zero, and a grant ends that", async () => {
  give(-99_999);
  cloud.inState(ada.userId, 1, "stopped");
  await cloud.settled();
  await run(MINUTE);
  const { keptUntilMs } = view();
  expect(keptUntilMs).toBe(cloud.clock.now() - MINUTE + 36_000 + 7 * 24 * HOUR);
  await run(2 * 24 * HOUR);
  expect(view().keptUntilMs).toBe(keptUntilMs);
  give(10_000);
  await cloud.settled();
  expect(view()).toMatchObject({ keptUntilMs: null, level: "ok", balance: 10_000 });
});

test("a warning survives a restart and is not given again by it", async () => {
  give(-81_000);
  await cloud.settled();
  expect(names()).toEqual(["credits.low"]);
  const { db } = cloud;
  await cloud.dispose();
  cloud = openLedger({ db });
  cloud.inState(ada.userId, 1, "stopped");
  await run(HOUR);
  expect(names()).toEqual([]);
  expect(view().level).toBe("low");
});

test("a hold warns nobody", async () => {
  give(-96_900);
  await cloud.settled();
  cloud.events.length = 0;
  cloud.db.tx(() => cloud.billing.hold(job(1), billed(ada.userId, 1, "pending")));
  await cloud.settled();
  expect(view()).toMatchObject({ balance: 0, held: 3_100, level: "low" });
  expect(names()).toEqual([]);
});

describe("the owner hears", () => {
  test("of every change of course, and not of each minute", async () => {
    expect(cloud.published.map(({ balance }) => balance)).toEqual([100_000]);
    cloud.inState(ada.userId, 1, "running");
    await cloud.settled();
    expect(cloud.published.at(-1)).toMatchObject({ burnPerHour: 3_100, level: "ok" });
    const heard = cloud.published.length;
    await run(HOUR);
    expect(cloud.published).toHaveLength(heard);
    give(5_000);
    await cloud.settled();
    expect(cloud.published.at(-1)).toMatchObject({ balance: 101_900 });
  });

  test("nothing of what was rolled back", async () => {
    const heard = cloud.published.length;
    try {
      cloud.db.tx(() => {
        cloud.billing.meter(billed(ada.userId, 1, "running"));
        throw new Error("not written");
      });
    } catch {}
    await cloud.settled();
    expect(cloud.published.slice(heard).every(({ burnPerHour }) => burnPerHour === 0)).toBe(true);
  });

  test("when it empties", async () => {
    cloud.inState(ada.userId, 1, "running");
    await cloud.settled();
    const told = cloud.published.at(-1);
    expect(told?.emptiesAtMs).toBe(cloud.clock.now() + Math.ceil((100_000 * HOUR) / 3_100));
  });
});
