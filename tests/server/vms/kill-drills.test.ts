/** A real `kill -9` at chosen moments of a VM's life, then a restart: nothing acknowledged is lost, nothing is orphaned. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";

const SERVER = join(import.meta.dir, "crash-server.ts");
/** Moments spread over the whole life; each costs two short processes. */
const DRILLS = 16;

const line = z.object({
  acked: z.int().optional(),
  points: z.int().optional(),
  crashedAt: z.string().optional(),
});
const found = z.object({
  orphans: z.array(z.unknown()),
  rows: z.array(z.object({ name: z.string(), state: z.string(), activeJobId: z.int().nullable() })),
  jobs: z.array(z.object({ id: z.int(), state: z.string() })),
  host: z.array(z.object({ name: z.string(), state: z.string() })),
  integrity: z.array(z.unknown()),
  foreignKeys: z.array(z.unknown()),
});

let root = "";
let points = 0;

async function run(mode: "live" | "check", home: string, crashAt = 0) {
  mkdirSync(home, { recursive: true });
  const child = Bun.spawn([process.execPath, SERVER, mode, home], {
    env: { ...process.env, TWARGA_TEST_CRASH_AT: String(crashAt) },
    stdout: "pipe",
    stderr: "pipe",
    timeout: 20_000,
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

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "twarga-kill-"));
  const whole = await run("live", join(root, "whole"));
  expect(whole).toMatchObject({ exitCode: 0, errors: "" });
  points = whole.lines.map((each) => line.parse(each).points ?? 0).at(-1) ?? 0;
}, 30_000);

afterAll(() => rmSync(root, { recursive: true, force: true }));

describe("kill -9", () => {
  for (let drill = 0; drill < DRILLS; drill++) {
    test(`at moment ${drill + 1} of ${DRILLS} loses nothing and orphans nothing`, async () => {
      const crashAt = 1 + Math.round((drill * (points - 1)) / (DRILLS - 1));
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
      // What the host has is what the rows say, in both directions, folders included.
      const wanted = state.rows
        .filter(({ state: of }) => of !== "failed")
        .map(({ name, state: of }) => ({ name, state: of }));
      expect(state.host).toEqual(wanted);
      expect(state.orphans).toEqual([]);
      expect(foldersOf(home)).toEqual(state.host.map(({ name }) => `user1-${name}`));
      // Nothing is under way without somebody at work.
      expect(state.jobs.filter(({ state: of }) => of === "queued" || of === "running")).toEqual([]);
      expect(state.rows.filter(({ activeJobId }) => activeJobId !== null)).toEqual([]);
      expect(state.integrity).toEqual(["ok"]);
      expect(state.foreignKeys).toEqual([]);
    }, 40_000);
  }
});

function foldersOf(home: string): string[] {
  try {
    return readdirSync(join(home, "vms"));
  } catch {
    return [];
  }
}
