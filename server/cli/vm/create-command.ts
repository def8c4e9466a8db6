/** `vm create`: a new VM with all it can be told. */
import type { Client } from "#client";
import { commands, vmSizes } from "#protocol";
import type { Command } from "commander";
import { contextOf } from "../cli-context.ts";
import { usageError } from "../exit.ts";
import { ensureKey } from "../ssh-key/ssh-key-commands.ts";
import {
  addWaitOption,
  collect,
  hoursOrNone,
  sizeText,
  wholeNumber,
  type WaitOptions,
  work,
} from "./vm-work.ts";

interface CreateOptions extends WaitOptions {
  readonly image: string;
  readonly ram: number;
  readonly cores: number;
  readonly disk: number;
  readonly label?: string;
  readonly notes?: string;
  readonly tag: readonly string[];
  readonly startupScript?: string;
  readonly lease?: number | null;
  readonly sshKey: readonly string[];
}

export function addCreateCommand(vm: Command): void {
  const create = vm
    .command("create <name>")
    .description(commands["vm.create"].summary)
    .option("--image <id>", "image of the catalogue", "lab")
    .option("--ram <MB>", sizeText(vmSizes.ramMb), wholeNumber, vmSizes.ramMb.default)
    .option("--cores <n>", sizeText(vmSizes.cpuCores), wholeNumber, vmSizes.cpuCores.default)
    .option("--disk <GB>", sizeText(vmSizes.diskGb), wholeNumber, vmSizes.diskGb.default)
    .option("--label <text>", "shown beside the name")
    .option("--notes <text>", "for whoever looks at it later")
    .option("--tag <tag>", "to find it by; may be given more than once", collect, [])
    .option("--startup-script <file>", "runs as root at the first boot")
    .option("--lease <hours>", "stop it after so many hours", hoursOrNone)
    .option("--ssh-key <file>", "a public key to add to your account first", collect, []);
  addWaitOption(create).action(async (name: string, options: CreateOptions, command: Command) => {
    await work(contextOf(command), options, async (client) => {
      const input = await inputOf(name, options);
      await addKeys(client, options.sshKey);
      return client.request("vm.create", input);
    });
  });
}

async function inputOf(name: string, options: CreateOptions) {
  const { image, ram, cores, disk, label, notes, tag, lease } = options;
  const script = options.startupScript === undefined ? undefined : await fileText(options.startupScript);
  return {
    ...{ name, image, ramMb: ram, cpuCores: cores, diskGb: disk },
    ...(label !== undefined && { label }),
    ...(notes !== undefined && { notes }),
    ...(tag.length > 0 && { tags: [...tag] }),
    ...(script !== undefined && { startupScript: script }),
    ...(lease !== undefined && { leaseHours: lease }),
  };
}

async function addKeys(client: Client, files: readonly string[]): Promise<void> {
  for (const file of files) await ensureKey(client, file);
}

async function fileText(path: string): Promise<string> {
  const file = Bun.file(path);
  if (!(await file.exists())) throw usageError(`There is no file ${path}`);
  return file.text();
}
