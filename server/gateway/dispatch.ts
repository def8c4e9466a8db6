/** One command from name and raw input to its outcome: access, input, run, log line. The only catch of the request path. */
import type { CommandName, CommandSpec, WireError } from "#protocol";
import { commands, isCommandName } from "#protocol";
import type { Caller, Session } from "../core/caller.ts";
import type { Clock } from "../core/clock.ts";
import type { BoundCommand } from "../core/command.ts";
import { AppError, toWireError } from "../core/errors.ts";
import type { AuditSink } from "../core/event-log.ts";
import type { Log } from "../core/log.ts";
import { toInputError } from "./input-error.ts";

export type Outcome =
  | {
      readonly ok: true;
      readonly output: unknown;
      /** The output as it goes on the wire: encoded here, so that what cannot be encoded is a failure too. */
      readonly json: string;
    }
  | { readonly ok: false; readonly error: WireError };

export interface DispatchDeps {
  readonly commands: ReadonlyMap<CommandName, BoundCommand>;
  readonly clock: Clock;
  readonly log: Log;
  readonly audit?: AuditSink | undefined;
  /** Parse outputs by their schema: finds a drifting handler in tests and development, costs too much in production. */
  readonly checkOutput: boolean;
}

/** Answers at once when the command does, so that a reply keeps its place among events of the same tick. */
export type Dispatch = (name: string, input: unknown, caller: Caller) => Outcome | Promise<Outcome>;

export function createDispatch(deps: DispatchDeps): Dispatch {
  return (name, input, caller) => {
    const startedAtMs = deps.clock.now();
    const audited = auditOf(deps.audit, name, input, caller);
    const succeed = (output: unknown): Outcome => {
      if (deps.checkOutput && isCommandName(name)) commands[name].output.parse(output);
      const json = JSON.stringify(output ?? null);
      logSuccess(deps, name, caller, startedAtMs);
      audited?.("ok");
      return { ok: true, output, json };
    };
    const fail = (thrown: unknown): Outcome => {
      logFailure(deps, name, caller, startedAtMs, thrown);
      const error = toWireError(thrown);
      audited?.(error.code);
      return { ok: false, error };
    };
    try {
      const result = start(deps, name, input, caller);
      return result instanceof Promise ? result.then(succeed).catch(fail) : succeed(result);
    } catch (thrown) {
      return fail(thrown);
    }
  };
}

/** Reads of administrators are no deed; everything else that only they may do, and all they change, is. */
function auditOf(
  audit: AuditSink | undefined,
  name: string,
  input: unknown,
  { session, remoteAddress }: Caller,
) {
  if (!audit || session === null || !isCommandName(name)) return null;
  const { access, effect }: CommandSpec = commands[name];
  const isAdmin = session.role === "admin";
  const isDeed = isAdmin ? effect === "write" && access !== "public" : access === "admin";
  if (!isDeed) return null;
  const actor = { id: session.userId, name: session.username, role: session.role };
  return audit.begin({ actor, action: name, input, remoteAddress });
}

function start(deps: DispatchDeps, name: string, input: unknown, caller: Caller): unknown {
  const command = isCommandName(name) ? deps.commands.get(name) : undefined;
  if (!command) throw new AppError("unknown_command", "There is no command of that name");
  const spec: CommandSpec = commands[command.name];
  // Rights before input: a stranger learns nothing of a command's fields.
  if (spec.access !== "public") refuseWithoutRight(spec, caller.session);
  const parsed = spec.input.safeParse(input);
  if (!parsed.success) throw toInputError(parsed.error);
  return command.run(parsed.data, caller);
}

function refuseWithoutRight(spec: CommandSpec, session: Session | null): void {
  if (session === null) throw new AppError("unauthenticated", "Log in first");
  if (session.mustChangePassword && !spec.beforePasswordChange) throw passwordChangeRequired();
  if (spec.access === "admin" && session.role !== "admin")
    throw new AppError("forbidden", "Only an administrator may do this");
  if (session.kind !== "token") return;
  if (spec.interactive) throw new AppError("forbidden", "An API token may not do this; log in instead");
  if (spec.effect === "write" && session.scope !== "write")
    throw new AppError("forbidden", "This API token may only read");
}

export const passwordChangeRequired = () =>
  new AppError("password_change_required", "Change your password first");

function logSuccess(deps: DispatchDeps, name: string, caller: Caller, startedAtMs: number): void {
  const isRead = isCommandName(name) && commands[name].effect === "read";
  const level = isRead ? "debug" : "info";
  // Building the line costs more than a small command, so not for a level that is off.
  if (deps.log.isLevelEnabled(level))
    deps.log[level](lineOf(deps, name, caller, startedAtMs, "ok"), "command");
}

function logFailure(
  deps: DispatchDeps,
  name: string,
  caller: Caller,
  startedAtMs: number,
  thrown: unknown,
): void {
  if (thrown instanceof AppError && thrown.code !== "internal") {
    const { code, field, detail, cause } = thrown;
    const line = lineOf(deps, name, caller, startedAtMs, code);
    return deps.log.info({ ...line, field, detail, ...(cause !== undefined && { err: cause }) }, "command");
  }
  deps.log.error({ ...lineOf(deps, name, caller, startedAtMs, "internal"), err: thrown }, "command");
}

function lineOf(deps: DispatchDeps, name: string, caller: Caller, startedAtMs: number, code: string) {
  return {
    command: isCommandName(name) ? name : "(unknown)",
    user: caller.session?.userId ?? null,
    face: caller.face,
    address: caller.remoteAddress,
    ms: deps.clock.now() - startedAtMs,
    code,
  };
}
