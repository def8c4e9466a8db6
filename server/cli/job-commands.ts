/** `job list|get|cancel|retry`. */
import { commands, type JobId, type JobProgram, type JobView, jobId } from "#protocol";
import { Argument, type Command, InvalidArgumentError } from "commander";
import { type CliContext, contextOf, tableOr } from "./cli-context.ts";
import { formatTime, printable } from "./format.ts";
import { withClient } from "./server-link.ts";
import { findVm } from "./vm/find-vm.ts";

export function addJobCommands(program: Command): void {
  const job = program.command("job").description("Long work: creating, starting, stopping, destroying");
  job
    .command("list")
    .alias("ls")
    .description(commands["job.list"].summary)
    .option("--vm <vm>", "only those of one VM, by name or id")
    .action(async (options: { vm?: string }, command: Command) => list(options.vm, contextOf(command)));
  job
    .command("get")
    .alias("show")
    .description(commands["job.get"].summary)
    .addArgument(idArgument())
    .action(async (id: JobId, _: unknown, command: Command) => get(id, contextOf(command)));
  job
    .command("cancel")
    .description(commands["job.cancel"].summary)
    .addArgument(idArgument())
    .action(async (id: JobId, _: unknown, command: Command) => cancel(id, contextOf(command)));
  job
    .command("retry")
    .description(commands["job.retry"].summary)
    .addArgument(idArgument())
    .action(async (id: JobId, _: unknown, command: Command) => retry(id, contextOf(command)));
}

async function list(vmName: string | undefined, context: CliContext): Promise<void> {
  const answer = await withClient(context, async (client) => {
    if (vmName === undefined) return client.request("job.list", {});
    const vm = await findVm(client, vmName);
    return client.request("job.list", { vmId: vm.id });
  });
  context.result(answer, () => jobTable(answer.jobs));
}

async function get(id: JobId, context: CliContext): Promise<void> {
  const answer = await withClient(context, (client) => client.request("job.get", { jobId: id }));
  context.result(answer, () => {
    const { job, lines, programs } = answer;
    const error = job.error === null ? [] : ["", `${job.error.code}: ${printable(job.error.message)}`];
    const output = lines.map((line) => printable(line.text));
    const ran = programs.length === 0 ? [] : ["", "Programs it ran:", ...programs.map(programText)];
    return [jobTable([job]), ...byText(job), "", ...output, ...ran, ...error].join("\n");
  });
}

function byText({ actorName }: JobView): string[] {
  return [`Asked for by ${actorName ?? "the server itself"}`];
}

function programText({ commandLine, startedAtMs, endedAtMs, exitCode }: JobProgram): string {
  const took = endedAtMs === null ? "at work" : `${((endedAtMs - startedAtMs) / 1000).toFixed(1)} s`;
  const end = endedAtMs === null ? "" : `, exit ${exitCode ?? "by a signal"}`;
  return `${formatTime(startedAtMs)}  ${printable(commandLine)}  (${took}${end})`;
}

async function retry(id: JobId, context: CliContext): Promise<void> {
  const answer = await withClient(context, (client) => client.request("job.retry", { jobId: id }));
  context.result(answer, `Asked for again; follow it with: twarga job get ${answer.jobId}`);
}

async function cancel(id: JobId, context: CliContext): Promise<void> {
  const answer = await withClient(context, (client) => client.request("job.cancel", { jobId: id }));
  context.result(answer, () => jobTable([answer.job]));
}

function jobTable(jobs: readonly JobView[]): string {
  return tableOr(
    "No jobs yet",
    ["ID", "KIND", "TARGET", "STATE", "DONE", "STARTED", "STEP"],
    jobs.map((job) => [
      String(job.id),
      job.kind,
      job.targetName,
      job.state,
      `${Math.round(job.progress * 100)} %`,
      job.startedAtMs === null ? "-" : formatTime(job.startedAtMs),
      printable(job.step ?? ""),
    ]),
  );
}

function idArgument(): Argument {
  return new Argument("<id>", "id of the job").argParser((text): JobId => {
    const parsed = jobId.safeParse(Number(text));
    if (!parsed.success) throw new InvalidArgumentError("It must be the number of a job.");
    return parsed.data;
  });
}
