/** The folder of one VM: the fixed Vagrantfile, its data, its key pair and the note that says whose it is. */
import { chmod, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { userId, vmId, vmName } from "#protocol";
import { z } from "zod";
import { childEnvironment } from "../../core/child-environment.ts";
import { AppError } from "../../core/errors.ts";
import type { DriverRun, VmMachine, VmRef } from "../vm-driver.ts";
import { folderPattern } from "./names.ts";

const TEMPLATE = join(import.meta.dir, "../../../vms/templates/Vagrantfile");

const vmInfo = z.object({
  vmId,
  ownerId: userId,
  name: vmName,
  domain: z.string(),
  image: z.string(),
  created: z.string(),
});
export type VmInfo = z.infer<typeof vmInfo>;

export const machinePaths = (folder: string) => ({
  info: join(folder, ".vm_info"),
  vagrantfile: join(folder, "Vagrantfile"),
  data: join(folder, "machine.json"),
  key: join(folder, "id_ed25519"),
  /** Vagrant's own note that it has made the machine. */
  vagrantId: (name: string) => join(folder, ".vagrant", "machines", name, "libvirt", "id"),
  /** A disk on its way from one volume to another. */
  diskCopy: join(folder, "disk.copy"),
  /** What virsh reads from a file. */
  xml: join(folder, "virsh.xml"),
  knownHosts: join(folder, "known_hosts"),
  /** The Vagrant process at work here, so that a later server can end one that outlived an earlier. */
  worker: join(folder, ".worker"),
});

/** What the Vagrantfile reads. Only data: nothing of it is ever part of Ruby source. */
const machineData = z.object({
  name: z.string(),
  box: z.string(),
  sshUser: z.string().default("vagrant"),
  sshShell: z.string().default("sh"),
  bootTimeoutSeconds: z.number(),
  /** Null for Vagrant's published keys, which the box admits until the first boot is over. */
  privateKeyPath: z.string().nullable(),
  uri: z.string(),
  domainType: z.enum(["kvm", "qemu"]),
  domainPrefix: z.string(),
  title: z.string(),
  ramMb: z.number(),
  cpuCores: z.number(),
  diskGb: z.number(),
  cpuMode: z.string(),
  cpuModel: z.string().nullable(),
  /** All three null for a disk that boots by itself. */
  kernelPath: z.string().nullable(),
  initrdPath: z.string().nullable(),
  kernelCommandLine: z.string().nullable(),
});
export type MachineData = z.infer<typeof machineData>;

/** Throws `conflict` when the folder has lost it: nothing is known of the machine's size then. */
export async function readMachineData(folder: string): Promise<MachineData> {
  try {
    return machineData.parse(JSON.parse(await readFile(machinePaths(folder).data, "utf8")));
  } catch (error) {
    throw new AppError("conflict", "The VM's description on the host is missing or damaged", {
      cause: error,
      detail: folder,
    });
  }
}

/** The user our key belongs to. */
export async function loginOf(folder: string): Promise<string> {
  return (await readMachineData(folder)).sshUser;
}

/** Makes the folder and its key pair; gives the key's public part (base64). */
export async function makeFolder(
  folder: string,
  domain: string,
  machine: VmMachine,
  { program }: Pick<DriverRun, "program">,
): Promise<string> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const paths = machinePaths(folder);
  const info: VmInfo = {
    vmId: machine.vmId,
    ownerId: machine.ownerId,
    name: machine.name,
    domain,
    image: machine.image.id,
    created: new Date().toISOString(),
  };
  // First, so that every folder that exists says whose it is; renamed into place, so that it is never half written.
  await writeFile(`${paths.info}.new`, `${JSON.stringify(info, null, 2)}\n`);
  await rename(`${paths.info}.new`, paths.info);
  await writeFile(paths.vagrantfile, await readFile(TEMPLATE));
  await rm(paths.key, { force: true });
  await makeKeyPair(paths.key, program);
  await chmod(paths.key, 0o600);
  const publicKey = (await readFile(`${paths.key}.pub`, "utf8")).split(" ")[1];
  if (publicKey === undefined || !/^[A-Za-z0-9+/=]+$/.test(publicKey)) {
    throw new AppError("driver_failed", "The key pair of the VM could not be read");
  }
  return publicKey;
}

async function makeKeyPair(path: string, program: DriverRun["program"]): Promise<void> {
  const argv = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "twarga", "-f", path];
  const ended = program(argv);
  const keygen = Bun.spawn(argv, {
    env: childEnvironment(),
    stdin: "ignore",
    stdout: "ignore",
    stderr: "pipe",
  });
  const complaint = await new Response(keygen.stderr).text();
  ended(await keygen.exited);
  if (keygen.exitCode !== 0) {
    throw new AppError("driver_failed", "The key pair of the VM could not be made", { detail: complaint });
  }
}

export async function writeMachineData(folder: string, data: MachineData): Promise<void> {
  const path = machinePaths(folder).data;
  await writeFile(`${path}.new`, `${JSON.stringify(data, null, 2)}\n`, { mode: 0o600 });
  await rename(`${path}.new`, path);
}

export async function readInfo(folder: string): Promise<VmInfo | null> {
  try {
    return vmInfo.parse(JSON.parse(await readFile(machinePaths(folder).info, "utf8")));
  } catch {
    // Absent, or damaged by hand: a folder that does not say whose it is belongs to nobody.
    return null;
  }
}

export async function folderExists(folder: string): Promise<boolean> {
  return readdir(folder).then(
    () => true,
    () => false,
  );
}

export interface KnownFolder {
  readonly ref: VmRef;
  readonly domain: string;
}

export async function listFolders(vmsDir: string): Promise<readonly KnownFolder[]> {
  const entries = await readdir(vmsDir).catch(() => []);
  const infos = await Promise.all(
    entries.filter((entry) => folderPattern.test(entry)).map((entry) => readInfo(join(vmsDir, entry))),
  );
  return infos
    .filter((info) => info !== null)
    .map(({ vmId: id, ownerId, name, domain }) => ({ ref: { vmId: id, ownerId, name }, domain }));
}
