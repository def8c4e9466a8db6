/** Ties a handler to its entry of the protocol's command table. */
import type { CommandAccess, CommandInput, CommandName, CommandOutput } from "#protocol";
import type { Caller, Session } from "./caller.ts";

/** Public commands may be called without a session; the others always get one. */
type CallerOf<N extends CommandName> = CommandAccess<N> extends "public" ? Caller : Caller<Session>;

export type CommandHandler<N extends CommandName, D> = (
  input: CommandInput<N>,
  caller: CallerOf<N>,
  deps: D,
) => CommandOutput<N> | Promise<CommandOutput<N>>;

/** A command whose dependencies are already in place, as the gateway calls it. */
export interface BoundCommand {
  readonly name: CommandName;
  /** `input` was parsed by the table's schema and `caller` passed its access check. */
  run(input: unknown, caller: Caller): unknown;
}

export interface CommandDefinition<D> {
  readonly name: CommandName;
  bind(deps: D): BoundCommand;
}

/** Defines one command; `name` types its input, caller and output from the protocol. */
export function defineCommand<N extends CommandName, D>(
  name: N,
  handler: CommandHandler<N, D>,
): CommandDefinition<D> & { readonly handler: CommandHandler<N, D> } {
  return {
    name,
    handler,
    bind: (deps) => ({
      name,
      // The gateway parsed the input by this very entry of the table and checked its access level.
      run: (input, caller) => handler(input as CommandInput<N>, caller as CallerOf<N>, deps),
    }),
  };
}
