/** Matches the protocol's tables with what the features brought: one implementation each, none missing, none twice. */
import type { CommandName, TopicName } from "#protocol";
import { commands, topics } from "#protocol";
import type { BoundCommand } from "../core/command.ts";
import type { BoundTopic } from "../core/topic.ts";

export interface Implementations {
  readonly commands: ReadonlyMap<CommandName, BoundCommand>;
  readonly topics: ReadonlyMap<TopicName, BoundTopic>;
}

/** Throws with every missing and doubled name; `partial` allows gaps, for tests of one feature. */
export function collectImplementations(
  boundCommands: readonly BoundCommand[],
  boundTopics: readonly BoundTopic[],
  partial: boolean,
): Implementations {
  const faults = [
    ...faultsOf("command", Object.keys(commands), boundCommands, partial),
    ...faultsOf("topic", Object.keys(topics), boundTopics, partial),
  ];
  if (faults.length > 0) throw new Error(`The server does not match its protocol: ${faults.join("; ")}`);
  return {
    commands: new Map(boundCommands.map((command) => [command.name, command])),
    topics: new Map(boundTopics.map((topic) => [topic.name, topic])),
  };
}

function faultsOf(
  kind: string,
  wanted: readonly string[],
  bound: readonly { readonly name: string }[],
  partial: boolean,
): string[] {
  const counts = new Map<string, number>();
  for (const { name } of bound) counts.set(name, (counts.get(name) ?? 0) + 1);
  const missing = partial ? [] : wanted.filter((name) => !counts.has(name));
  const doubled = [...counts].filter(([, count]) => count > 1).map(([name]) => name);
  const unknown = [...counts.keys()].filter((name) => !wanted.includes(name));
  return [
    ...missing.map((name) => `${kind} ${name} has no implementation`),
    ...doubled.map((name) => `${kind} ${name} has more than one implementation`),
    ...unknown.map((name) => `${kind} ${name} is not in the table`),
  ];
}
