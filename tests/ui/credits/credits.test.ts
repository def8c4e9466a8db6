/** The balance between two messages, spans of time, ledger rows and quota bars, as they are shown. */
import { describe, expect, test } from "bun:test";
import { type CreditsView, defaultQuota, type LedgerEntry, type QuotaView, userId, vmId } from "#protocol";
import { balanceNow, lastsWords, leftMs, spanWords } from "../../../ui/features/credits/burn.ts";
import { ledgerRows } from "../../../ui/features/credits/ledger-rows.ts";
import { quotaBars, quotaWords } from "../../../ui/features/credits/quota-share.ts";

const HOUR = 3_600_000;
const SERVER_MS = 5_000_000;
/** This browser's clock is far from the server's. */
const HERE_MS = 90_000_000;

const view: CreditsView = {
  userId: userId.parse(1),
  balance: 31_000,
  asOfMs: SERVER_MS,
  held: 0,
  burnPerHour: 3_100,
  emptiesAtMs: SERVER_MS + 10 * HOUR,
  level: "ok",
  keptUntilMs: null,
};

describe("the balance", () => {
  const known = { view, atMs: HERE_MS };

  test("goes on from what was said at the rate that was said, by this browser's own clock", () => {
    expect(balanceNow(known, HERE_MS)).toBe(31_000);
    expect(balanceNow(known, HERE_MS + HOUR)).toBe(27_900);
    expect(leftMs(known, HERE_MS + HOUR)).toBe(9 * HOUR);
    expect(lastsWords(known, HERE_MS + 40 * 60_000)).toBe("Empties in 9 h 20 min");
  });

  test("stops at zero and never runs backwards", () => {
    expect(balanceNow(known, HERE_MS + 11 * HOUR)).toBe(0);
    expect(leftMs(known, HERE_MS + 11 * HOUR)).toBe(0);
    expect(balanceNow(known, HERE_MS - HOUR)).toBe(31_000);
  });

  test("of which nothing is used has no end", () => {
    const calm = { view: { ...view, burnPerHour: 0, emptiesAtMs: null }, atMs: HERE_MS };
    expect(leftMs(calm, HERE_MS)).toBeNull();
    expect(lastsWords(calm, HERE_MS)).toBe("Nothing is being used");
    expect(lastsWords({ ...calm, view: { ...calm.view, level: "empty" } }, HERE_MS)).toBe("Nothing is left");
  });
});

test.each([
  [0, "less than a minute"],
  [59_999, "less than a minute"],
  [60_000, "1 min"],
  [HOUR, "1 h"],
  [9 * HOUR + 20 * 60_000, "9 h 20 min"],
  [24 * HOUR, "1 day"],
  [76 * HOUR, "3 days 4 h"],
])("%d ms is %s", (ms, words) => {
  expect(spanWords(ms)).toBe(words);
});

describe("rows of the ledger", () => {
  const DAY = Date.UTC(2026, 10, 24, 12);
  let nextId = 100;
  const entry = (kind: LedgerEntry["kind"], vm: number, minute: number, amount: number): LedgerEntry => ({
    id: (nextId -= 1),
    userId: view.userId,
    kind,
    amount,
    balanceAfter: 1_000 + minute,
    vmId: vmId.parse(vm),
    vmName: `vm-${vm}`,
    reason: kind === "charge" ? "Running, 3.1 credits an hour" : kind,
    actorName: null,
    atMs: DAY + minute * 60_000,
  });
  const entries = [
    entry("charge", 1, 5, -51),
    entry("charge", 2, 5, -20),
    entry("charge", 1, 4, -52),
    entry("hold", 3, 3, -3_100),
    entry("charge", 1, 2, -51),
  ];

  test("hold together the minutes of one VM until something else happens", () => {
    const rows = ledgerRows(entries, true);
    expect(rows.map(({ entry: { vmName }, amount, count }) => [vmName, amount, count])).toEqual([
      ["vm-1", -103, 2],
      ["vm-2", -20, 1],
      ["vm-3", -3_100, 1],
      ["vm-1", -51, 1],
    ]);
    expect(rows[0]).toMatchObject({ fromMs: DAY + 4 * 60_000, entry: { atMs: DAY + 5 * 60_000 } });
  });

  test("are one each on request", () => {
    expect(ledgerRows(entries, false).map(({ key }) => key)).toEqual(entries.map(({ id }) => `${id}`));
  });

  test("do not hold together two days", () => {
    const yesterday = { ...entry("charge", 1, 0, -51), atMs: DAY - 24 * HOUR };
    expect(ledgerRows([entries[0] ?? yesterday, yesterday], true)).toHaveLength(2);
  });
});

describe("bars of the quota", () => {
  const quota: QuotaView = {
    userId: view.userId,
    limits: defaultQuota,
    used: { vms: 4, cpuCores: 4, ramMb: 1_536, diskGb: 40, snapshots: 0 },
    own: [],
  };

  test("say what is used, with memory in GB", () => {
    const bars = quotaBars(quota);
    expect(bars.map(quotaWords)).toEqual(["4 of 5", "4 of 8", "1.5 of 8 GB", "40 of 100 GB", "0 of 10"]);
    expect(bars.map(({ percent }) => percent)).toEqual([80, 50, 18.75, 40, 0]);
  });

  test("say what would be added, and when that is too much", () => {
    const bars = quotaBars(quota, { vms: 1, cpuCores: 5, ramMb: 512, diskGb: 10 });
    expect(bars.map(quotaWords).slice(0, 3)).toEqual(["4 + 1 of 5", "4 + 5 of 8", "1.5 + 0.5 of 8 GB"]);
    expect(bars.map(({ isOver }) => isOver)).toEqual([false, true, false, false, false]);
    expect(bars.map(({ tone }) => tone)).toEqual(["warning", "danger", "info", "info", "info"]);
    expect(bars[1]?.percent).toBe(100);
  });

  test("of a limit of nothing are empty, and full with anything", () => {
    const none = { ...quota, limits: { ...defaultQuota, snapshots: 0 } };
    expect(quotaBars(none).at(-1)).toMatchObject({ percent: 0, isOver: false });
    expect(quotaBars(none, { snapshots: 1 }).at(-1)).toMatchObject({ percent: 100, isOver: true });
  });
});
