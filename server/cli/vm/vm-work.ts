/** Sends work on a VM and, unless told not to, stays until it is done. */
import type { Client } from "#client";
import type { JobId, VmView } from "#protocol";
import { type Command, InvalidArgumentError } from "commander";
import { confirm } from "../ask.ts";
import type { CliContext } from "../cli-context.ts";
import { usageError } from "../exit.ts";
import { withClient } from "../server-link.ts";
import { followJob, requireSuccess } from "./follow-job.ts";
import { vmText } from "./show-vm.ts";

export interface WaitOptions {
  readonly wait: boolean;
}

export function addWaitOption(command: Command): Command {
  return command.option("--no-wait", "return as soon as the server has accepted the work");
}

type Accept = (client: Client) => Promise<{ vm: VmView; jobId: JobId }>;

export async function work(context: CliContext, options: WaitOptions, accept: Accept): Promise<void> {
  await withClient(context, async (client) => {
    const { vm, jobId } = await accept(client);
    if (!options.wait)
      return context.result(
        { vm, jobId },
        `${vm.name} is ${vm.state}; follow it with: twarga job get ${jobId}`,
      );
    const job = await followJob(client, jobId, context);
    requireSuccess(job);
    if (job.kind === "vm.destroy") return context.result({ job }, `${vm.name} is gone`);
    const after = await client.request("vm.get", { vmId: vm.id });
    context.result({ vm: after.vm, job }, () => vmText(after.vm));
  });
}

/** Asks a person before something is lost; a script says it beforehand with --yes. */
export async function askFirst(question: string, isSure: boolean | undefined): Promise<void> {
  if (isSure) return;
  if (!process.stdin.isTTY) throw usageError("There is no terminal to ask; add --yes");
  if (!(await confirm(question))) throw usageError("Nothing was changed");
}

export function sizeText(size: { min: number; max: number; step: number }): string {
  return `${size.min} to ${size.max}${size.step > 1 ? ` in steps of ${size.step}` : ""}`;
}

export function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError("It must be a whole number.");
  return Number(text);
}

/** For options that may be given more than once. */
export function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}

/** Hours of a lease. */
export function hoursOrNone(text: string): number | null {
  return text === "none" ? null : wholeNumber(text);
}
