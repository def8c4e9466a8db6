/** `admin classes|stats|settings|invite|invitations`. */
import { type CloudSettings, commands, invitationId, type Statistics } from "#protocol";
import { type Command, InvalidArgumentError } from "commander";
import { type CliContext, contextOf, tableOr } from "../cli-context.ts";
import { formatBytes, formatPercent } from "../format.ts";
import { serverUrl } from "../session-file.ts";
import { withClient } from "../server-link.ts";
import { creditText, dayText } from "./credit-text.ts";
import { type Ending, numberOrNone, orNull, wholeNumber } from "./option-values.ts";

export function addCloudCommands(admin: Command): void {
  admin
    .command("classes")
    .description(commands["admin.class.list"].summary)
    .action(async (_: unknown, command: Command) => classes(contextOf(command)));
  admin
    .command("stats")
    .description(commands["admin.statistics"].summary)
    .action(async (_: unknown, command: Command) => statistics(contextOf(command)));
  admin
    .command("settings")
    .description("Show the settings of the cloud, or change those that are given")
    .option("--registration <mode>", "open, invitation or closed")
    .option("--start-credits <n>", "credits of a new account", wholeNumber)
    .option("--lease-hours <n>", "lease of a new VM whose maker names none; none for no lease", numberOrNone)
    .option("--vms <n>", "default quota: VMs", wholeNumber)
    .option("--cores <n>", "default quota: cores", wholeNumber)
    .option("--ram <mb>", "default quota: memory", wholeNumber)
    .option("--disk <gb>", "default quota: disk", wholeNumber)
    .option("--snapshots <n>", "default quota: snapshots", wholeNumber)
    .action(async (options: SettingOptions, command: Command) => settings(options, contextOf(command)));
  addInvitationCommands(admin);
}

function addInvitationCommands(admin: Command): void {
  admin
    .command("invite")
    .description(commands["admin.invitation.create"].summary)
    .option("--uses <n>", "how many people may use it", wholeNumber, 1)
    .option("--hours <n>", "how long it works", wholeNumber, 168)
    .option("--class <class>", "the class of those who come by it")
    .action(async (options: InviteOptions, command: Command) => invite(options, contextOf(command)));
  admin
    .command("invitations")
    .description(commands["admin.invitation.list"].summary)
    .option("--revoke <id>", "end this one", wholeNumber)
    .action(async (options: { revoke?: number }, command: Command) =>
      invitations(options.revoke, contextOf(command)),
    );
}

interface InviteOptions {
  readonly uses: number;
  readonly hours: number;
  readonly class?: string;
}

interface SettingOptions {
  readonly registration?: CloudSettings["registration"];
  readonly startCredits?: number;
  readonly leaseHours?: Ending;
  readonly vms?: number;
  readonly cores?: number;
  readonly ram?: number;
  readonly disk?: number;
  readonly snapshots?: number;
}

async function classes(context: CliContext): Promise<void> {
  const answer = await withClient(context, (client) => client.request("admin.class.list", {}));
  context.result(answer, () =>
    tableOr(
      "No classes yet",
      ["CLASS", "USERS", "ACTIVE", "VMS", "RUNNING"],
      answer.classes.map(({ name, users, active, vms, running }) => [
        name,
        String(users),
        String(active),
        String(vms),
        String(running),
      ]),
    ),
  );
}

async function statistics(context: CliContext): Promise<void> {
  const answer = await withClient(context, (client) => client.request("admin.statistics", {}));
  context.result(answer, () => statisticsText(answer.statistics));
}

function statisticsText({ host, users, vms, allocated, used, credits, jobs }: Statistics): string {
  const states = Object.entries(vms.byState).map(([state, n]) => `${n} ${state}`);
  const hostLine =
    host === null
      ? "not limited by this host"
      : `${host.memoryFreeMb} of ${host.memoryTotalMb} MB memory free, ${host.cpuCores} cores, ${Math.floor(host.diskFreeGb)} GB disk free`;
  return [
    `Users      ${users.total}, ${users.active} active, ${users.admins} administrators, ${users.online} online`,
    `VMs        ${[String(vms.total), ...states].join(", ")}`,
    `Allocated  ${allocated.cpuCores} cores, ${allocated.ramMb} MB memory, ${allocated.diskGb} GB disk`,
    `Used now   ${formatPercent(used.cpuPercent)} of their cores, ${formatBytes(used.memoryBytes)} memory, ${formatBytes(used.diskBytes)} disk`,
    `Host       ${hostLine}`,
    `Credits    ${creditText(credits.issued)} issued, ${creditText(credits.burnt)} burnt, ${creditText(credits.outstanding)} left, ${creditText(credits.burnPerHour)} an hour`,
    `Jobs       ${jobs.active} at work, ${jobs.failedToday} failed today`,
  ].join("\n");
}

async function settings(options: SettingOptions, context: CliContext): Promise<void> {
  const { vms, cores, ram, disk, snapshots } = options;
  const limits = { vms, cpuCores: cores, ramMb: ram, diskGb: disk, snapshots };
  const answer = await withClient(context, async (client) => {
    const before = await client.request("admin.settings.get", {});
    if (Object.keys(options).length === 0) return before;
    const given = Object.entries(limits).filter(([, value]) => value !== undefined);
    const { registration, startCredits, leaseHours } = options;
    return client.request("admin.settings.update", {
      ...(registration !== undefined && { registration }),
      ...(startCredits !== undefined && { startCredits }),
      ...(leaseHours !== undefined && { leaseHours: orNull(leaseHours) }),
      ...(given.length > 0 && { quota: { ...before.settings.quota, ...Object.fromEntries(given) } }),
    });
  });
  context.result(answer, () => settingsText(answer.settings));
}

function settingsText({ registration, startCredits, leaseHours, quota }: CloudSettings): string {
  return [
    `Registration   ${registration}`,
    `Start credits  ${startCredits}`,
    `Default lease  ${leaseHours === null ? "none" : `${leaseHours} hours`}`,
    `Default quota  ${quota.vms} VMs, ${quota.cpuCores} cores, ${quota.ramMb} MB memory, ${quota.diskGb} GB disk, ${quota.snapshots} snapshots`,
  ].join("\n");
}

async function invite(options: InviteOptions, context: CliContext): Promise<void> {
  const { uses, hours: validHours, class: className } = options;
  const answer = await withClient(context, (client) =>
    client.request("admin.invitation.create", {
      ...{ uses, validHours },
      ...(className !== undefined && { className }),
    }),
  );
  context.result(answer, () => serverUrl(context.env, context.url) + answer.invitation.path);
}

async function invitations(revoke: number | undefined, context: CliContext): Promise<void> {
  const answer = await withClient(context, async (client) => {
    if (revoke !== undefined) {
      const id = invitationId.safeParse(revoke);
      if (!id.success) throw new InvalidArgumentError("It must be the id of an invitation.");
      await client.request("admin.invitation.revoke", { invitationId: id.data });
    }
    return client.request("admin.invitation.list", {});
  });
  const base = serverUrl(context.env, context.url);
  context.result(answer, () =>
    tableOr(
      "No invitations that work",
      ["ID", "USES LEFT", "CLASS", "WORKS UNTIL", "LINK"],
      answer.invitations.map((invitation) => [
        String(invitation.id),
        String(invitation.usesLeft),
        invitation.className ?? "-",
        dayText(invitation.expiresAtMs),
        base + invitation.path,
      ]),
    ),
  );
}
