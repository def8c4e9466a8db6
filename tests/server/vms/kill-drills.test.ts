/** A real `kill -9` at chosen moments of a VM's life, then a restart: nothing acknowledged is lost, nothing is orphaned. */
import { afterAll, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";

const SERVER = join(import.meta.dir, "crash-server.ts");
/** Moments spread over the whole life; each costs two short processes. TWARGA_TEST_KILL_DRILLS=all takes every one. */
const WANTED = process.env["TWARGA_TEST_KILL_DRILLS"] ?? "14";

const line = z.object({
  acked: z.int().optional(),
  points: z.array(z.string()).optional(),
  crashedAt: z.string().optional(),
});
const found = z.object({
  orphans: z.array(z.unknown()),
  rows: z.array(z.object({ name: z.string(), state: z.string(), activeJobId: z.int().nullable() })),
  jobs: z.array(z.object({ id: z.int(), state: z.string() })),
  host: z.array(z.object({ name: z.string(), state: z.string() })),
  snapshots: z.object({ rows: z.array(z.string()), host: z.array(z.string()) }),
  money: z.object({
    holds: z.int(),
    releases: z.int(),
    held: z.int(),
    burnPerHour: z.int(),
    priceOfRows: z.int(),
  }),
  integrity: z.array(z.unknown()),
  foreignKeys: z.array(z.unknown()),
});

const root = mkdtempSync(join(tmpdir(), "twarga-kill-"));

async function run(mode: "live" | "check", home: string, crashAt = 0) {
  mkdirSync(home, { recursive: true });
  const child = Bun.spawn([process.execPath, SERVER, mode, home], {
    env: { ...process.env, TWARGA_TEST_CRASH_AT: String(crashAt) },
    stdout: "pipe",
    stderr: "pipe",
    timeout: 60_000,
  });
  const [text = "", errors = ""] = await Promise.all(
    [child.stdout, child.stderr].map((stream) => Bun.readableStreamToText(stream)),
  );
  await child.exited;
  const lines: unknown[] = text
    .trim()
    .split("\n")
    .filter(Boolean)
    .map((each): unknown => JSON.parse(each));
  return { lines, errors, signal: child.signalCode, exitCode: child.exitCode };
}

/** The moments of a life without a crash. */
const whole = await run("live", join(root, "whole"));
const points = whole.lines.map((each) => line.parse(each).points ?? []).at(-1) ?? [];
/** How often output is stored depends on the pace of the machine, so that the last moments may not come again. */
const LAST = points.length - 8;
const drills = WANTED === "all" ? LAST : Math.min(Number(WANTED), LAST);
const moments = Array.from({ length: drills }, (_, drill) => {
  const crashAt = 1 + Math.round((drill * (LAST - 1)) / Math.max(1, drills - 1));
  return [crashAt, points[crashAt - 1] ?? ""] as const;
});

afterAll(() => rmSync(root, { recursive: true, force: true }));

test("a life without a crash passes every kind of work", () => {
  expect(whole).toMatchObject({ exitCode: 0, errors: "" });
  for (const name of [
    "create",
    "resize",
    "clone",
    "createSnapshot",
    "restoreSnapshot",
    "deleteSnapshot",
    "destroy",
  ])
    expect(points).toContain(`after ${name}`);
});

describe("kill -9", () => {
  test.each(moments)(
    "at moment %i, %s, loses nothing and orphans nothing",
    async (crashAt) => {
      const home = join(root, `at-${crashAt}`);
      const killed = await run("live", home, crashAt);
      expect(killed.signal).toBe("SIGKILL");
      const acked = killed.lines.flatMap((each) => line.parse(each).acked ?? []);

      const checked = await run("check", home);
      expect(checked).toMatchObject({ exitCode: 0, errors: "" });
      const state = found.parse(checked.lines[0]);

      // Everything acknowledged is there.
      const ids = new Set(state.jobs.map(({ id }) => id));
      expect(acked.filter((id) => !ids.has(id))).toEqual([]);
      // What the host has is what the rows say, in both directions, folders and snapshots included.
      const host = state.host.toSorted((a, b) => a.name.localeCompare(b.name));
      const wanted = state.rows
        .filter(({ state: of }) => of !== "failed")
        .map((row) => ({ name: row.name, state: row.state }));
      expect(host).toEqual(wanted.toSorted((a, b) => a.name.localeCompare(b.name)));
      expect(state.orphans).toEqual([]);
      expect(foldersOf(home)).toEqual(host.map((vm) => `user1-${vm.name}`));
      expect(state.snapshots.host.toSorted()).toEqual(state.snapshots.rows.toSorted());
      // Nothing is under way without somebody at work.
      expect(state.jobs.filter(({ state: of }) => of === "queued" || of === "running")).toEqual([]);
      expect(state.rows.filter(({ activeJobId }) => activeJobId !== null)).toEqual([]);
      // Every hold was given back once, and what is there is what is paid for.
      expect(state.money.releases).toBe(state.money.holds);
      expect(state.money.held).toBe(0);
      expect(state.money.burnPerHour).toBe(state.money.priceOfRows);
      expect(state.integrity).toEqual(["ok"]);
      expect(state.foreignKeys).toEqual([]);
    },
    90_000,
  );
});

function foldersOf(home: string): string[] {
  try {
    return readdirSync(join(home, "vms"))
      .filter((name) => name.startsWith("user"))
      .toSorted();
  } catch {
    return [];
  }
}
