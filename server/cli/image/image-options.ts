/** Options that describe an image. */
import { imageFamily, type ImageView } from "#protocol";
import { type Command, Option } from "commander";
import { wholeNumber } from "../vm/vm-work.ts";

export interface ImageOptions {
  readonly name?: string;
  readonly description?: string;
  readonly family: ImageView["family"];
  readonly user: string;
  readonly minRam: number;
  readonly minDisk: number;
}

/** What is not said is what most boxes are like. */
export function addOptions(command: Command): Command {
  return command
    .option("--name <name>", "as people see it; without it, the id")
    .option("--description <text>", "one or two sentences")
    .addOption(
      new Option("--family <family>", "kind of system").choices(imageFamily.options).default("linux"),
    )
    .option("--user <name>", "who logs in", "vagrant")
    .option("--min-ram <mb>", "least memory of its VMs", wholeNumber, 512)
    .option("--min-disk <gb>", "least disk of its VMs, at least that of the box", wholeNumber, 10);
}

export function editOptions(command: Command): Command {
  return command
    .option("--name <name>", "as people see it")
    .option("--description <text>", "one or two sentences")
    .addOption(new Option("--family <family>", "kind of system").choices(imageFamily.options))
    .option("--user <name>", "who logs in")
    .option("--min-ram <mb>", "least memory of its VMs", wholeNumber)
    .option("--min-disk <gb>", "least disk of its VMs", wholeNumber);
}

export function fieldsOf({ name, description, family, user, minRam, minDisk }: ImageOptions, id: string) {
  return {
    name: name ?? id,
    ...(description !== undefined && { description }),
    family,
    sshUser: user,
    minRamMb: minRam,
    minDiskGb: minDisk,
  };
}
