/** Finds and ends a Vagrant run that outlived the server that started it. */
import { readFile, rm, writeFile } from "node:fs/promises";
import { z } from "zod";
import type { Clock } from "../../core/clock.ts";
import { processesOf } from "../pty/process-tree.ts";
import { machinePaths } from "./machine-folder.ts";
import { endAll } from "../run-process.ts";

const worker = z.object({ pid: z.int().positive(), startedAt: z.string() });

/** A pid alone is not enough: it may be another process by then. */
const startOf = (pid: number): string | null =>
  processesOf(pid).find((facts) => facts.pid === pid)?.startedAt ?? null;

export async function noteWorker(folder: string, pid: number): Promise<void> {
  const startedAt = startOf(pid);
  if (startedAt !== null)
    await writeFile(machinePaths(folder).worker, JSON.stringify({ pid, startedAt })).catch(() => {});
}

/** True when a run was, or had been, at work there: what it asked libvirt for may still be on its way. */
export async function endLeftoverWorker(folder: string, clock: Clock): Promise<boolean> {
  const path = machinePaths(folder).worker;
  const text = await readFile(path, "utf8").catch(() => null);
  if (text === null) return false;
  try {
    const { pid, startedAt } = worker.parse(JSON.parse(text));
    if (startOf(pid) === startedAt) await endAll(() => processesOf(pid), new Promise(() => {}), clock);
  } catch {
    // A half-written note names nobody.
  }
  await rm(path, { force: true });
  return true;
}
