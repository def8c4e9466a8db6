/** Snapshots, clones and other sizes. A container's limits and disk are fixed when it is made, so each of these makes it anew from an image. */
import { AppError } from "../../core/errors.ts";
import type { CreatedVm, DriverRun, VmMachine, VmRef } from "../vm-driver.ts";
import type { VmSize } from "#protocol";
import { createContainer, needContainer, needInfo, removeNamed, renameContainer } from "./containers.ts";
import type { EngineHost } from "./engine-host.ts";
import { commitImage, dropImage, findImage, tagsOf } from "./images.ts";
import { makeMachine } from "./make-machine.ts";
import type { MachineInfo } from "./machine-folder.ts";
import { containerName, nextName, vmRepository } from "./names.ts";

const isSnapshot = (tag: string) => /^s\d+$/.test(tag);
/** What a VM was last made of; one tag, so that old ones go by themselves. */
const BASE_TAG = "base";
const PENDING_TAG = "pending";

export async function createSnapshot(
  host: EngineHost,
  ref: VmRef,
  snapshot: string,
  run: DriverRun,
): Promise<{ sizeBytes: number | null }> {
  const { Id } = await needContainer(host, ref);
  run.step("Copying the disk", 0.3);
  const name = await commitImage(host, Id, ref, snapshot, run);
  run.step("The snapshot is taken", 1);
  return { sizeBytes: (await findImage(host, name))?.Size ?? null };
}

export async function restoreSnapshot(
  host: EngineHost,
  ref: VmRef,
  snapshot: string,
  run: DriverRun,
): Promise<{ state: "stopped"; ip: null }> {
  const info = needInfo(host, ref);
  const image = await baseOfSnapshot(host, ref, snapshot, ref, run);
  run.step("Making the machine anew from the snapshot", 0.4);
  await remake(host, info, image, run);
  run.step("The machine is off, as it was then", 1);
  return { state: "stopped", ip: null };
}

export async function deleteSnapshot(
  host: EngineHost,
  ref: VmRef,
  snapshot: string,
  run: DriverRun,
): Promise<void> {
  const name = `${vmRepository(host.instance, ref)}:${snapshot}`;
  if (await findImage(host, name)) await dropImage(host, name, run);
}

export async function listSnapshots(host: EngineHost, ref: VmRef): Promise<readonly string[]> {
  return (await tagsOf(host, ref)).filter(isSnapshot);
}

export async function resizeMachine(
  host: EngineHost,
  ref: VmRef,
  size: VmSize,
  run: DriverRun,
): Promise<void> {
  const info = needInfo(host, ref);
  const found = await needContainer(host, ref);
  if (found.State.Running) throw new AppError("conflict", "The machine must be off to be resized");
  if (size.diskGb < info.diskGb)
    throw new AppError("invalid_input", "A disk never shrinks", { field: "diskGb" });
  const changed = { ...info, ...size };
  run.step("Keeping the disk", 0.2);
  const kept = await commitImage(host, found.Id, ref, PENDING_TAG, run);
  run.step("Making the machine anew with its new size", 0.6);
  await remake(host, changed, kept, run);
  host.folders.save(changed);
  run.step("Resized", 1);
}

export async function cloneMachine(
  host: EngineHost,
  source: VmRef,
  snapshot: string | null,
  machine: VmMachine,
  run: DriverRun,
): Promise<CreatedVm> {
  const found = await needContainer(host, source);
  if (snapshot === null && found.State.Running)
    throw new AppError("conflict", "The machine must be off to be cloned");
  return makeMachine(host, machine, run, async () => {
    run.step("Copying the disk", 0.2);
    if (snapshot === null) return commitImage(host, found.Id, machine, BASE_TAG, run);
    return baseOfSnapshot(host, source, snapshot, machine, run);
  });
}

/** The image of a snapshot under the name `machine` is made of, so that the snapshot can be deleted while the machine lives. */
async function baseOfSnapshot(
  host: EngineHost,
  source: VmRef,
  snapshot: string,
  machine: VmRef,
  run: DriverRun,
): Promise<string> {
  const name = `${vmRepository(host.instance, source)}:${snapshot}`;
  if (!(await findImage(host, name)))
    throw new AppError("not_found", "There is no such snapshot on this host");
  const repo = vmRepository(host.instance, machine);
  await host.api.call({ method: "POST", path: `/images/${name}/tag`, query: { repo, tag: BASE_TAG }, run });
  return `${repo}:${BASE_TAG}`;
}

/**
 * The container of `info` anew from `image`; not started. The new one is made beside the old one and takes its name last,
 * so that a crash leaves one of them (see `settleNames`).
 */
async function remake(host: EngineHost, info: MachineInfo, image: string, run: DriverRun): Promise<void> {
  const name = containerName(host.instance, info);
  const next = nextName(host.instance, info);
  await removeNamed(host, next, run);
  await createContainer(host, info, image, run, next);
  await removeNamed(host, name, run);
  await renameContainer(host, next, name, run);
}
