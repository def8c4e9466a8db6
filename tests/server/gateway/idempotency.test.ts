/** Requests with an `Idempotency-Key`: run once, answered as often as asked. */
import { afterEach, expect, test } from "bun:test";
import { type Db, openDb } from "../../../db/client.ts";
import { idempotencyKeys } from "../../../db/schema/index.ts";
import { defineCommand } from "../../../server/core/command.ts";
import { DAY_MS } from "../../../server/core/daily.ts";
import { DisposableStack } from "../../../server/core/disposable.ts";
import { AppError } from "../../../server/core/errors.ts";
import { createIdempotencyStore } from "../../../server/features/auth/idempotency-store.ts";
import { createVault } from "../../../server/features/auth/vault.ts";
import { ManualClock } from "../../helpers/manual-clock.ts";
import { ada, bob, startGateway, until } from "./fixture.ts";

const owned = new DisposableStack();
afterEach(() => owned.dispose());

const START_MS = 100 * DAY_MS;
/** What the features see of a key. */
const keyed = (key: string) => `${START_MS} ${key}`;
const PATH = "/api/vms/1/lease";

function start(db: Db = openDb(":memory:")) {
  const clock = new ManualClock(START_MS);
  const store = createIdempotencyStore(db, createVault("a secret of the server, long enough", "test"), clock);
  const runs: (string | undefined)[] = [];
  const held: (() => void)[] = [];
  const extend = defineCommand("vm.extendLease", async ({ hours }, { requestKey }) => {
    runs.push(requestKey);
    if (hours === 2) throw new AppError("conflict", `Refused the ${runs.length}. time`);
    if (hours === 3) throw new AppError("rate_limited", "Too fast");
    if (hours === 4) await new Promise<void>((resolve) => held.push(resolve));
    throw new AppError("not_found", `run ${runs.length}`);
  });
  const fixture = startGateway({ commands: [extend.bind(undefined)], idempotency: store });
  owned.defer(() => fixture.stop());
  const post = async (hours: number, key: string | null, who: { token: string } = ada) => {
    const response = await fetch(fixture.http + PATH, {
      method: "POST",
      body: JSON.stringify({ hours }),
      headers: {
        authorization: `Bearer ${who.token}`,
        "content-type": "application/json",
        ...(key !== null && { "idempotency-key": key }),
      },
    });
    const { headers, status } = response;
    return { status, text: await response.text(), replayed: headers.get("idempotency-replayed") };
  };
  return { db, clock, store, runs, held, post };
}

test("the same request gets the first answer again and does not run again", async () => {
  const { post, runs } = start();
  const first = await post(2, "key-1");
  expect([first.status, first.replayed]).toEqual([409, null]);
  const again = await post(2, "key-1");
  expect(again).toEqual({ ...first, replayed: "true" });
  expect(runs).toEqual([keyed("key-1")]);
});

test("a key used again after a day is another request, to the features as well", async () => {
  const { post, runs, clock } = start();
  const first = await post(2, "key-1");
  clock.advance(DAY_MS + 1);
  const second = await post(1, "key-1");
  expect([second.status, second.replayed]).toEqual([404, null]);
  expect(second.text).not.toBe(first.text);
  expect(new Set(runs).size).toBe(2);
});

test("another body under the same key is refused, and another user's key is another key", async () => {
  const { post, runs } = start();
  await post(1, "key-1");
  const other = await post(2, "key-1");
  expect([other.status, other.text]).toEqual([422, expect.stringContaining("idempotency_mismatch")]);
  expect((await post(2, "key-1", bob)).status).toBe(409);
  expect(runs).toEqual([keyed("key-1"), keyed("key-1")]);
});

test("of 50 at once one runs; the others get its answer or are told to wait", async () => {
  const { post, runs, held } = start();
  const all = Array.from({ length: 50 }, () => post(4, "key-1"));
  const release = await until(() => held[0] ?? null, "the first request to be at work");
  expect((await post(4, "key-1")).status).toBe(409);
  release();
  const answers = await Promise.all(all);
  expect(runs).toEqual([keyed("key-1")]);
  for (const { status } of answers) expect([404, 409]).toContain(status);
  expect((await post(4, "key-1")).text).toContain("run 1");
});

test("what was refused before any work may be sent again under the same key", async () => {
  const { post, runs } = start();
  expect((await post(0, "key-1")).status).toBe(400);
  expect((await post(3, "key-2")).status).toBe(429);
  expect((await post(3, "key-2")).status).toBe(429);
  expect((await post(1, "key-1")).status).toBe(404);
  expect(runs).toEqual(["key-2", "key-2", "key-1"].map(keyed));
});

test("a request cut by a crash runs again with its key, so that its feature finds what it began", async () => {
  const db = openDb(":memory:");
  const before = start(db);
  void before.post(4, "key-1").catch(() => {});
  await until(() => before.held[0] ?? null, "the request to be at work");
  const after = start(db);
  expect((await after.post(1, "key-1")).status).toBe(422);
  const again = after.post(4, "key-1");
  (await until(() => after.held[0] ?? null, "the second run"))();
  expect((await again).status).toBe(404);
  expect(after.runs).toEqual([keyed("key-1")]);
  before.held[0]?.();
});

test.each(["a b", "\u00e9", "x".repeat(129)])("the key %j is refused", async (key) => {
  const { post, runs } = start();
  expect((await post(1, key)).status).toBe(400);
  expect(runs).toEqual([]);
});

test("answers are sealed in the database, and go after a day", async () => {
  const { post, db, store, clock } = start();
  await post(1, "key-1");
  const [row] = db.orm.select().from(idempotencyKeys).all();
  expect(row?.status).toBe(404);
  expect(row?.body).not.toContain("run 1");
  expect(store.removeOld(clock.now())).toBe(0);
  expect(store.removeOld(clock.now() + DAY_MS + 1)).toBe(1);
});
