/** A balance and a page of the ledger with 1,000 entries and with a million, as ratios in one run. `bun bench/credits.ts` */
import { userId } from "#protocol";
import { type Db, openDb } from "../db/client.ts";
import { createBus } from "../server/core/bus.ts";
import { systemClock } from "../server/core/clock.ts";
import { createLog } from "../server/core/log.ts";
import { createCursors } from "../server/core/paging.ts";
import { createCreditFeature } from "../server/features/credits/index.ts";
import { Ledger } from "../server/features/credits/ledger.ts";
import { defaultSettings } from "../server/features/settings/setting-store.ts";
import { median } from "./peers/server-process.ts";

const SMALL = 1_000;
const LARGE = 1_000_000;
const READS = 2_000;
const PAGES = 200;
const PAGE_ROWS = 51;
/** Both sizes take turns, so that a busy machine slows both. */
const ROUNDS = 7;
const MINUTE_MS = 60_000;
/** All entries are of one user: the longest ledger there can be for this number. */
const ada = userId.parse(1);

export interface Reading {
  readonly smallUs: number;
  readonly largeUs: number;
  readonly ratio: number;
}

export interface CreditsResult {
  readonly balance: Reading;
  readonly view: Reading;
  readonly page: Reading;
  readonly deepPage: Reading;
}

/** A grant, and then a charge a minute, as a meter writes them; through the triggers of the database. */
function fill(db: Db, rows: number): void {
  const { sqlite } = db;
  const insert = sqlite.prepare(
    `insert into ledger (user_id, kind, amount, balance_after, key, vm_id, vm_name, reason, at_ms)
     values (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const granted = rows * 35;
  db.tx(() => {
    insert.run(ada, "grant", granted, granted, "start", null, null, "Start credits", 0);
    for (let n = 1; n < rows; n += 1) {
      const vm = (n % 5) + 1;
      const reason = "Running, 2.1 credits an hour";
      insert.run(ada, "charge", -35, granted - n * 35, `use:${n}`, vm, `vm-${vm}`, reason, n * MINUTE_MS);
    }
  });
}

/** In memory: what is compared is the way to an entry, not the disk. */
function open(rows: number) {
  const db = openDb(":memory:");
  fill(db, rows);
  const ledger = new Ledger(db);
  const settings = { get: () => defaultSettings };
  const feature = createCreditFeature({
    ...{ db, bus: createBus(), clock: systemClock, log: createLog("silent"), settings },
    cursors: createCursors("a secret of the benchmark"),
    events: { record() {} },
  });
  const middle = { atMs: (rows / 2) * MINUTE_MS, id: rows / 2 };
  return {
    balance: () => ledger.balanceOf(ada),
    view: () => feature.viewOf(ada),
    page: () => ledger.page({ userId: ada }, null, PAGE_ROWS),
    deepPage: () => ledger.page({ userId: ada, kind: "charge" }, middle, PAGE_ROWS),
    async close() {
      await feature.dispose();
      db.close();
    },
  };
}

/** User and system time of this process for one call, in microseconds. */
function cpuUsPerCall(call: () => unknown, calls: number): number {
  const start = process.cpuUsage();
  for (let n = 0; n < calls; n += 1) call();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / calls;
}

function compare(small: () => unknown, large: () => unknown, calls: number): Reading {
  const times = { small: [] as number[], large: [] as number[] };
  for (let round = 0; round < ROUNDS; round += 1) {
    times.small.push(cpuUsPerCall(small, calls));
    times.large.push(cpuUsPerCall(large, calls));
  }
  // The first round warms up both.
  const smallUs = median(times.small.slice(1));
  const largeUs = median(times.large.slice(1));
  return { smallUs, largeUs, ratio: largeUs / smallUs };
}

export async function benchCredits(): Promise<CreditsResult> {
  const small = open(SMALL);
  const large = open(LARGE);
  try {
    return {
      balance: compare(small.balance, large.balance, READS),
      view: compare(small.view, large.view, READS),
      page: compare(small.page, large.page, PAGES),
      deepPage: compare(small.deepPage, large.deepPage, PAGES),
    };
  } finally {
    await Promise.all([small.close(), large.close()]);
  }
}

if (import.meta.main) {
  for (const [what, { smallUs, largeUs, ratio }] of Object.entries(await benchCredits()))
    console.log(
      `${what}: ${smallUs.toFixed(1)} us with ${SMALL} entries, ${largeUs.toFixed(1)} us with ${LARGE}, ratio ${ratio.toFixed(2)}`,
    );
}
