/** The whole protocol: the command table, the topic table, and the types both ends infer from them. */
import "./no-eval.ts";
import type { z } from "zod";
import { accountCommands } from "./account.ts";
import { adminCommands } from "./admin.ts";
import { authCommands } from "./auth.ts";
import type { Access } from "./command-spec.ts";
import { creditsCommands, creditsTopics } from "./credits.ts";
import { eventCommands, eventTopics } from "./events.ts";
import { imageCommands, imageTopics } from "./images.ts";
import { jobCommands, jobTopics } from "./jobs.ts";
import { metricsCommands, metricsTopics } from "./metrics.ts";
import { quotaCommands, quotaTopics } from "./quotas.ts";
import { snapshotCommands } from "./snapshots.ts";
import { sshKeyCommands } from "./ssh-keys.ts";
import { terminalCommands, terminalTopics } from "./terminal.ts";
import { vmCommands, vmTopics } from "./vms.ts";

export const commands = {
  ...accountCommands,
  ...adminCommands,
  ...authCommands,
  ...creditsCommands,
  ...eventCommands,
  ...imageCommands,
  ...jobCommands,
  ...metricsCommands,
  ...quotaCommands,
  ...snapshotCommands,
  ...sshKeyCommands,
  ...terminalCommands,
  ...vmCommands,
} as const;

export const topics = {
  ...creditsTopics,
  ...eventTopics,
  ...imageTopics,
  ...jobTopics,
  ...metricsTopics,
  ...quotaTopics,
  ...terminalTopics,
  ...vmTopics,
} as const;

type Commands = typeof commands;
type Topics = typeof topics;

export type CommandName = keyof Commands;
/** Input as the handler gets it: parsed, defaults filled in. */
export type CommandInput<N extends CommandName> = z.output<Commands[N]["input"]>;
/** Input as a client may write it: defaults left out, ids as plain numbers. */
export type CommandRequest<N extends CommandName> = z.input<Commands[N]["input"]>;
export type CommandOutput<N extends CommandName> = z.output<Commands[N]["output"]>;
export type CommandAccess<N extends CommandName> = Commands[N]["access"] & Access;

export type TopicName = keyof Topics;
export type SnapshotOf<T extends TopicName> = z.output<Topics[T]["snapshot"]>;
export type EventOf<T extends TopicName> = z.output<Topics[T]["event"]>;

export function isCommandName(name: string): name is CommandName {
  return Object.hasOwn(commands, name);
}
export function isTopicName(name: string): name is TopicName {
  return Object.hasOwn(topics, name);
}

export * from "./account.ts";
export * from "./admin.ts";
export * from "./auth.ts";
export * from "./binary.ts";
export * from "./close-codes.ts";
export type { Access, CommandSpec, RestSpec } from "./command-spec.ts";
export * from "./credits.ts";
export * from "./envelope.ts";
export * from "./errors.ts";
export * from "./events.ts";
export * from "./ids.ts";
export * from "./images.ts";
export * from "./jobs.ts";
export * from "./limits.ts";
export * from "./metrics.ts";
export * from "./paging.ts";
export * from "./pricing.ts";
export * from "./quotas.ts";
export * from "./snapshots.ts";
export * from "./ssh-keys.ts";
export * from "./terminal.ts";
export type { TopicPolicy, TopicScope, TopicSpec } from "./topic-spec.ts";
export * from "./vms.ts";
