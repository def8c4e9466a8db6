/** Containers of this installation as the engine sees them. */
import { z } from "zod";
import { AppError } from "../../core/errors.ts";
import type { DriverRun, ObservedState, ObservedVm, VmRef } from "../vm-driver.ts";
import type { EngineHost } from "./engine-host.ts";
import type { MachineInfo } from "./machine-folder.ts";
import { containerName, LABEL, labelOf, nextName, refOfLabel } from "./names.ts";

const networks = z.record(z.string(), z.object({ IPAddress: z.string().optional() })).nullish();
const inspected = z.object({
  Id: z.string(),
  State: z.object({
    Status: z.string(),
    Running: z.boolean(),
    StartedAt: z.string(),
    OOMKilled: z.boolean().optional(),
  }),
  Config: z.object({ Labels: z.record(z.string(), z.string()).nullish() }),
  NetworkSettings: z.object({ IPAddress: z.string().optional(), Networks: networks }),
});
export type Inspected = z.infer<typeof inspected>;

const listed = z.array(
  z.object({
    Id: z.string(),
    Names: z.array(z.string()),
    Labels: z.record(z.string(), z.string()).nullish(),
  }),
);

/** Null when there is none of that name. Throws `conflict` for a container of that name that is not ours. */
export async function findContainer(
  host: EngineHost,
  ref: Pick<VmRef, "ownerId" | "name">,
): Promise<Inspected | null> {
  const name = containerName(host.instance, ref);
  try {
    const found = await host.api.read(inspected, { method: "GET", path: `/containers/${name}/json` });
    if (found.Config.Labels?.[LABEL.instance] === host.instance) return found;
  } catch (error) {
    if (error instanceof AppError && error.code === "not_found") return null;
    throw error;
  }
  throw new AppError("conflict", `A container named ${name} is on this host that is not of this cloud`);
}

export async function needContainer(host: EngineHost, ref: VmRef): Promise<Inspected> {
  const found = await findContainer(host, ref);
  if (!found) throw new AppError("not_found", `There is no machine named ${ref.name} on this host`);
  return found;
}

export function needInfo(host: EngineHost, ref: VmRef): MachineInfo {
  const info = host.folders.load(ref);
  if (!info) throw new AppError("not_found", `There is no machine named ${ref.name} on this host`);
  return info;
}

export function stateOf({ State }: Inspected): ObservedState {
  switch (State.Status) {
    case "running":
      return "running";
    case "paused":
      return "paused";
    case "dead":
      return "crashed";
    default:
      return "stopped";
  }
}

export function addressOf({ NetworkSettings, State }: Inspected): string | null {
  if (!State.Running) return null;
  const addresses = Object.values(NetworkSettings.Networks ?? {}).map(({ IPAddress }) => IPAddress);
  return [NetworkSettings.IPAddress, ...addresses].find((address) => address) ?? null;
}

export async function observe(host: EngineHost, ref: VmRef): Promise<ObservedVm> {
  const found = await findContainer(host, ref);
  if (!found) return { ref, state: "absent", ip: null };
  return { ref, state: stateOf(found), ip: addressOf(found) };
}

export interface Listed {
  readonly id: string;
  readonly name: string;
  readonly ref: VmRef;
}

/** All of them, also those whose folder is lost. */
export async function listContainers(host: EngineHost): Promise<readonly Listed[]> {
  const filters = JSON.stringify({ label: [`${LABEL.instance}=${host.instance}`] });
  const all = await host.api.read(listed, {
    method: "GET",
    path: "/containers/json",
    query: { all: true, filters },
  });
  return all.flatMap(({ Id, Names, Labels }) => {
    const ref = refOfLabel(Labels?.[LABEL.ref]);
    return ref === null ? [] : [{ id: Id, name: (Names[0] ?? "").replace(/^\//, ""), ref }];
  });
}

/** After a crash in the middle of a change of containers: the new one takes the name, or goes when the old one is still there. */
export async function settleNames(host: EngineHost, found: readonly Listed[]): Promise<void> {
  const names = new Set(found.map(({ name }) => name));
  for (const { name, ref } of found) {
    if (name !== nextName(host.instance, ref)) continue;
    const wanted = containerName(host.instance, ref);
    host.log.warn({ ref }, "a container was left in the middle of a change");
    if (names.has(wanted))
      await host.api.call({ method: "DELETE", path: `/containers/${name}`, query: { force: true } });
    else await renameContainer(host, name, wanted);
  }
}

/** Measured on small hosts: the engine's own default lets a fork bomb or a leak of files take the machine along. */
const ULIMITS = [
  { Name: "nofile", Soft: 1024, Hard: 4096 },
  { Name: "nproc", Soft: 4096, Hard: 4096 },
];
const PIDS_LIMIT = 512;

export async function createContainer(
  host: EngineHost,
  info: MachineInfo,
  image: string,
  run: DriverRun,
  name = containerName(host.instance, info),
): Promise<void> {
  const memory = info.ramMb * 1024 ** 2;
  await host.api.call({
    method: "POST",
    path: "/containers/create",
    query: { name },
    json: {
      Image: image,
      Hostname: info.name,
      Cmd: ["/sbin/container-init"],
      Labels: { [LABEL.instance]: host.instance, [LABEL.ref]: labelOf(info) },
      StopSignal: "SIGTERM",
      HostConfig: {
        Memory: memory,
        // No swap beside it: the limit is what was paid for.
        MemorySwap: memory,
        NanoCpus: info.cpuCores * 1_000_000_000,
        PidsLimit: PIDS_LIMIT,
        Ulimits: ULIMITS,
        RestartPolicy: { Name: "no" },
      },
    },
    run,
  });
}

export async function removeContainer(
  host: EngineHost,
  ref: Pick<VmRef, "ownerId" | "name">,
  run: DriverRun,
): Promise<void> {
  await removeNamed(host, nextName(host.instance, ref), run);
  if (await findContainer(host, ref)) await removeNamed(host, containerName(host.instance, ref), run);
}

/** Not there is fine. */
export async function removeNamed(host: EngineHost, name: string, run: DriverRun): Promise<void> {
  await host.api
    .call({ method: "DELETE", path: `/containers/${name}`, query: { force: true, v: true }, run })
    .catch(ignoreMissing);
}

export async function renameContainer(
  host: EngineHost,
  from: string,
  to: string,
  run?: DriverRun,
): Promise<void> {
  await host.api.call({
    method: "POST",
    path: `/containers/${from}/rename`,
    query: { name: to },
    ...(run && { run }),
  });
}

function ignoreMissing(error: unknown): void {
  if (!(error instanceof AppError && error.code === "not_found")) throw error;
}
