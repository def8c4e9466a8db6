/**
 * Lists and numbers of administrators in a cloud of 10,000 users, 1,000 VMs and a million ledger entries: time of the server
 * from the command to its encoded reply. `bun bench/admin.ts`
 */
import type { CommandName } from "#protocol";
import { type BigCloud, type CloudSize, openBigCloud } from "./peers/big-cloud.ts";

const LARGE: CloudSize = { users: 10_000, vms: 1_000, ledgerRows: 1_000_000 };
/** What the balance is compared with. */
const SMALL: CloudSize = { users: 10, vms: 1, ledgerRows: 1_000 };
const WARM_UP = 20;
const RUNS = 100;

export interface AdminLine {
  readonly what: string;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Of this process, which a busy machine does not change. */
  readonly cpuMs: number;
  /** CPU of a bare read of as many rows by the same database, encoded alike; null where that says nothing. */
  readonly bareCpuMs: number | null;
}

export interface AdminResult {
  readonly lines: readonly AdminLine[];
  /** Reading one balance with a million entries, against a thousand. */
  readonly balanceRatio: number;
}

interface Times {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly cpuMs: number;
}

async function timesOf(run: () => unknown): Promise<Times> {
  for (let n = 0; n < WARM_UP; n += 1) await run();
  const times: number[] = [];
  const before = process.cpuUsage();
  for (let n = 0; n < RUNS; n += 1) {
    const startMs = performance.now();
    await run();
    times.push(performance.now() - startMs);
  }
  const { user, system } = process.cpuUsage(before);
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.floor(RUNS * share)] ?? Number.NaN;
  return { p50Ms: at(0.5), p99Ms: at(0.99), cpuMs: (user + system) / RUNS / 1_000 };
}

async function lineOf(what: string, run: () => unknown, bare: (() => unknown) | null): Promise<AdminLine> {
  const times = await timesOf(run);
  return { what, ...times, bareCpuMs: bare === null ? null : (await timesOf(bare)).cpuMs };
}

/** The input that asks for the page after the first. */
async function secondPage(cloud: BigCloud, name: CommandName, input: object): Promise<object> {
  const { nextCursor }: { nextCursor: string } = JSON.parse(await cloud.call(name, input));
  return { ...input, cursor: nextCursor };
}

async function userLines(cloud: BigCloud): Promise<AdminLine[]> {
  const bare = () =>
    JSON.stringify(cloud.db.sqlite.query("select * from users order by username limit 50").all());
  const lines: AdminLine[] = [];
  for (const sort of ["username", "createdAt", "lastLogin", "balance", "vms"]) {
    const input = { sort, order: "desc" };
    lines.push(await lineOf(`users by ${sort}`, () => cloud.call("admin.user.list", input), bare));
    const next = await secondPage(cloud, "admin.user.list", input);
    lines.push(await lineOf(`users by ${sort}, next page`, () => cloud.call("admin.user.list", next), bare));
  }
  const search = { search: "99", limit: 200 };
  lines.push(await lineOf("users, searched, 200 a page", () => cloud.call("admin.user.list", search), null));
  return lines;
}

async function otherLines(cloud: BigCloud): Promise<AdminLine[]> {
  const { sqlite } = cloud.db;
  const everyVm = () => JSON.stringify(sqlite.query("select * from vms where destroyed_at_ms is null").all());
  const somebody = { userId: LARGE.users };
  return [
    await lineOf("VMs by owner", () => cloud.call("admin.vm.list", { sort: "owner" }), null),
    await lineOf("VMs, searched", () => cloud.call("admin.vm.list", { search: "vm-9" }), null),
    await lineOf("statistics", () => cloud.call("admin.statistics", {}), null),
    await lineOf("classes", () => cloud.call("admin.class.list", {}), null),
    await lineOf("one user", () => cloud.call("admin.user.get", somebody), null),
    await lineOf("ledger of a user", () => cloud.call("credits.ledger", somebody), null),
    await lineOf("dashboard snapshot, all 1,000 VMs", () => cloud.snapshot("vm.state"), everyVm),
  ];
}

async function balanceCpuMs(cloud: BigCloud): Promise<number> {
  return (await timesOf(() => cloud.call("credits.get", { userId: 7 }))).cpuMs;
}

export async function benchAdmin(): Promise<AdminResult> {
  const small = openBigCloud(SMALL);
  const smallMs = await balanceCpuMs(small);
  await small.dispose();
  const cloud = openBigCloud(LARGE);
  try {
    const lines = [...(await userLines(cloud)), ...(await otherLines(cloud))];
    return { lines, balanceRatio: (await balanceCpuMs(cloud)) / smallMs };
  } finally {
    await cloud.dispose();
  }
}

if (import.meta.main) {
  const { lines, balanceRatio } = await benchAdmin();
  for (const { what, p50Ms, p99Ms, cpuMs, bareCpuMs } of lines) {
    const floor =
      bareCpuMs === null
        ? ""
        : `; bare read ${bareCpuMs.toFixed(2)} ms CPU, ratio ${(cpuMs / bareCpuMs).toFixed(1)}`;
    const wall = `p50 ${p50Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms`;
    console.log(`${what}: ${wall}, ${cpuMs.toFixed(1)} ms CPU${floor}`);
  }
  console.log(`balance with 1,000,000 entries against 1,000: ${balanceRatio.toFixed(2)}`);
  process.exit(0);
}
