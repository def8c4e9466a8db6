/** What VMs cost: holds, meters, and time that is counted once. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { openDb } from "../../../db/client.ts";
import { meters } from "../../../db/schema/index.ts";
import type { Session } from "../../../server/core/caller.ts";
import { billed, HOUR, job, MINUTE, openLedger, small, type TestLedger } from "./test-ledger.ts";

let cloud: TestLedger;
let ada: Session;
beforeEach(() => {
  cloud = openLedger();
  ada = cloud.user("ada");
});
afterEach(() => cloud.close());

const balance = () => cloud.viewOf(ada.userId).balance;
const charges = () => cloud.entries(ada.userId).filter(({ kind }) => kind === "charge");
const hold = (id: number, vm = 1, size = small) =>
  cloud.db.tx(() => cloud.billing.hold(job(id), billed(ada.userId, vm, "pending", size)));
const release = (id: number) => cloud.db.tx(() => cloud.billing.release(job(id)));

describe("an account", () => {
  test("begins with the start credits, once", () => {
    expect(cloud.entries(ada.userId)).toMatchObject([
      { kind: "grant", amount: 100_000, balanceAfter: 100_000, key: `start:${ada.userId}`, actorId: null },
    ]);
    cloud.db.tx(() => cloud.accounts.created(ada.userId, "ada"));
    expect(cloud.entries(ada.userId)).toHaveLength(1);
  });

  test("of a user from before the ledger is opened at the start of the server, once", async () => {
    const db = openDb(":memory:");
    const first = openLedger({ db });
    const old = first.newUser("old");
    expect(first.balanceOf(old.userId)).toBe(0);
    await first.dispose();
    for (let start = 0; start < 2; start += 1) {
      const next = openLedger({ db });
      expect(next.balanceOf(old.userId)).toBe(100_000);
      expect(next.entries(old.userId)).toHaveLength(1);
      await next.dispose();
    }
    db.close();
  });

  test("that began with nothing is given nothing by a later start", async () => {
    const db = openDb(":memory:");
    const poor = openLedger({ db, startCredits: 0 });
    const bob = poor.user("bob");
    await poor.dispose();
    const rich = openLedger({ db, startCredits: 500 });
    expect(rich.balanceOf(bob.userId)).toBe(0);
    await rich.close();
  });
});

describe("a hold", () => {
  test("takes one hour's price and is given back once", () => {
    hold(1);
    hold(1);
    expect(cloud.viewOf(ada.userId)).toMatchObject({ balance: 96_900, held: 3_100 });
    release(1);
    release(1);
    expect(cloud.viewOf(ada.userId)).toMatchObject({ balance: 100_000, held: 0 });
    expect(cloud.entries(ada.userId).map(({ kind, amount }) => [kind, amount])).toEqual([
      ["grant", 100_000],
      ["hold", -3_100],
      ["release", 3_100],
    ]);
  });

  test("at exactly the balance works, and the next is refused with the numbers", () => {
    cloud.adjust({ userId: ada.userId, amount: -96_900, reason: "test", actor: null, key: "take" });
    hold(1);
    expect(balance()).toBe(0);
    expect(() => hold(2, 2)).toThrow("It needs 3.1 credits for the first hour; your balance is 0 credits");
    expect(cloud.entries(ada.userId).at(-1)?.balanceAfter).toBe(0);
  });

  test("counts what runs up at this moment", () => {
    cloud.adjust({ userId: ada.userId, amount: -93_800, reason: "test", actor: null, key: "take" });
    cloud.inState(ada.userId, 1, "running");
    cloud.clock.advance(30_000);
    hold(1, 2);
    cloud.clock.advance(MINUTE);
    expect(() => hold(2, 3)).toThrow("balance is 3.023 credits");
  });

  test("for a job that has none is no release", () => {
    release(77);
    expect(cloud.entries(ada.userId)).toHaveLength(1);
  });

  test("is undone with the transaction it was made in", () => {
    expect(() =>
      cloud.db.tx(() => {
        cloud.billing.hold(job(1), billed(ada.userId, 1, "pending"));
        throw new Error("the VM could not be written");
      }),
    ).toThrow("could not be written");
    expect(balance()).toBe(100_000);
  });

  test("empties nobody: what runs beside it goes on and is paid when the hold comes back", async () => {
    cloud.adjust({ userId: ada.userId, amount: -96_800, reason: "test", actor: null, key: "take" });
    cloud.inState(ada.userId, 1, "running");
    hold(1, 2);
    cloud.clock.advance(3 * MINUTE);
    expect(balance()).toBe(0);
    expect(cloud.emptied).toEqual([]);
    release(1);
    await cloud.settled();
    // Three minutes at 3.1 an hour are 0.155.
    expect(balance()).toBe(3_200 - 155);
  });
});

describe("a meter", () => {
  test("charges a full hour of running to the milli-credit, a minute at a time", () => {
    cloud.inState(ada.userId, 1, "running");
    cloud.clock.advance(HOUR);
    expect(charges()).toHaveLength(60);
    expect(balance()).toBe(100_000 - 3_100);
    expect(charges()[0]).toMatchObject({
      vmName: "vm-1",
      reason: "Running, 3.1 credits an hour",
      actorId: null,
    });
  });

  test("shows what runs up between two writes", () => {
    cloud.inState(ada.userId, 1, "running");
    cloud.clock.advance(36_000);
    expect(charges()).toHaveLength(0);
    expect(cloud.viewOf(ada.userId)).toMatchObject({
      balance: 99_969,
      burnPerHour: 3_100,
      asOfMs: cloud.clock.now(),
    });
  });

  test("charges the disk alone while the VM is off, and nothing for a fault of ours", () => {
    for (const state of ["stopped", "starting", "stopping", "restarting"] as const) {
      const before = balance();
      cloud.inState(ada.userId, 1, state);
      cloud.clock.advance(HOUR);
      expect(before - balance()).toBe(100);
    }
    for (const state of ["pending", "failed", "unknown", "destroying"] as const) {
      cloud.inState(ada.userId, 1, state);
      const before = balance();
      cloud.clock.advance(HOUR);
      expect(before - balance()).toBe(0);
    }
  });

  test("loses no fraction over a hundred changes of state", () => {
    for (let change = 0; change < 100; change += 1) {
      cloud.inState(ada.userId, 1, change % 2 === 0 ? "running" : "failed");
      cloud.clock.advance(1_700);
    }
    cloud.inState(ada.userId, 1, "failed");
    // 50 times 1.7 s at 3.1 an hour.
    expect(100_000 - balance()).toBe(Math.floor((3_100 * 50 * 1_700) / HOUR));
  });

  test("follows another size at the new price", () => {
    cloud.inState(ada.userId, 1, "stopped");
    cloud.clock.advance(HOUR);
    cloud.inState(ada.userId, 1, "stopped", { ...small, diskGb: 50 });
    cloud.clock.advance(HOUR);
    expect(balance()).toBe(100_000 - 100 - 500);
  });

  test("follows a new owner", () => {
    const bob = cloud.user("bob");
    cloud.inState(ada.userId, 1, "running");
    cloud.clock.advance(HOUR);
    cloud.inState(bob.userId, 1, "running");
    cloud.clock.advance(HOUR);
    expect([balance(), cloud.viewOf(bob.userId).balance]).toEqual([96_900, 96_900]);
  });

  test("ends with the VM", () => {
    cloud.inState(ada.userId, 1, "running");
    cloud.clock.advance(90_000);
    cloud.db.tx(() => cloud.billing.end(billed(ada.userId, 1, "destroying").vmId));
    const after = balance();
    cloud.clock.advance(HOUR);
    expect(balance()).toBe(after);
    expect(100_000 - after).toBe(77);
    expect(cloud.viewOf(ada.userId).burnPerHour).toBe(0);
  });

  test("is undone with the transaction it was begun in", () => {
    cloud.inState(ada.userId, 1, "running");
    cloud.clock.advance(30_000);
    expect(() =>
      cloud.db.tx(() => {
        cloud.billing.meter(billed(ada.userId, 1, "stopping"));
        throw new Error("the job could not be written");
      }),
    ).toThrow("could not be written");
    cloud.clock.advance(HOUR - 30_000);
    expect(balance()).toBe(96_900);
  });

  test("does not see the wall clock jump", () => {
    cloud.inState(ada.userId, 1, "running");
    cloud.clock.advance(MINUTE);
    for (const offsetMs of [24 * HOUR, -24 * HOUR]) {
      cloud.wall.offsetMs = offsetMs;
      cloud.clock.advance(MINUTE);
    }
    expect(100_000 - balance()).toBe(155);
  });

  test("does not charge the downtime of the server", async () => {
    const db = openDb(":memory:");
    const before = openLedger({ db });
    const bob = before.user("bob");
    before.inState(bob.userId, 1, "running");
    before.clock.advance(90_000);
    await before.dispose();
    // The next process has clocks of its own.
    const after = openLedger({ db });
    expect(after.viewOf(bob.userId).balance).toBe(100_000 - 77);
    after.clock.advance(HOUR - 90_000);
    expect(after.viewOf(bob.userId).balance).toBe(96_900);
    await after.close();
  });
});

describe("a start", () => {
  test("needs a minute's price", () => {
    const start = () => cloud.db.tx(() => cloud.billing.checkStart(billed(ada.userId, 1, "stopped")));
    cloud.adjust({ userId: ada.userId, amount: -99_948, reason: "test", actor: null, key: "take" });
    start();
    cloud.adjust({ userId: ada.userId, amount: -1, reason: "test", actor: null, key: "one more" });
    expect(start).toThrow("It needs 0.052 credits for the first minute; your balance is 0.051 credits");
  });
});

test("what cannot be paid is written off, and the books say how much", () => {
  cloud.adjust({ userId: ada.userId, amount: -99_990, reason: "test", actor: null, key: "take" });
  cloud.inState(ada.userId, 1, "running");
  cloud.clock.advance(HOUR);
  expect(balance()).toBe(0);
  const [meter] = cloud.db.orm.select().from(meters).all();
  expect(meter).toMatchObject({ charged: 3_100, writtenOff: 3_090, usedMs: HOUR });
  cloud.adjust({ userId: ada.userId, amount: 5_000, reason: "gift", actor: null, key: "gift" });
  cloud.clock.advance(MINUTE);
  expect(balance()).toBe(5_000 - 51);
});
