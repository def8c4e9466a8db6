/** The auth feature over an in-memory database, called as the gateway calls it. */
import {
  commands,
  type CommandName,
  type CommandOutput,
  type CommandRequest,
  defaultQuota,
  type RegistrationMode,
  type UserId,
} from "#protocol";
import { openDb } from "../../../db/client.ts";
import { createBus, type SessionsEnded } from "../../../server/core/bus.ts";
import type { Caller, Session } from "../../../server/core/caller.ts";
import type { Clock } from "../../../server/core/clock.ts";
import { AppError } from "../../../server/core/errors.ts";
import type { NewEvent } from "../../../server/core/event-log.ts";
import { createLog } from "../../../server/core/log.ts";
import { type AuthOptions, createAuthFeature } from "../../../server/features/auth/index.ts";

export const SECRET = "a test secret that is longer than thirty-two bytes";
export const PASSWORD = "correct horse battery";

/** Longer than any test takes. */
const AHEAD_MS = 60_000;

/** Stands ahead of the real time, because the signing library stamps `iat` by itself: no token is from the future. */
function createHandClock(): Clock & { advance(ms: number): void } {
  let now = Date.now() + AHEAD_MS;
  return {
    now: () => now,
    after: () => ({ dispose: () => undefined }),
    every: () => ({ dispose: () => undefined }),
    advance: (ms) => void (now += ms),
  };
}

export function caller(session: Session | null = null, remoteAddress = "10.0.0.1"): Caller {
  return { session, face: "rest", remoteAddress, userAgent: "test", channel: null };
}

/** What other features give to this one: settings, invitations, and ears for what happens. */
export function createSurroundings() {
  const mode: { registration: RegistrationMode } = { registration: "open" };
  const invitations = new Map<string, { className: string | null; usesLeft: number }>();
  const created: { userId: UserId; username: string }[] = [];
  const told: NewEvent[] = [];
  const options = {
    settings: { get: () => ({ ...mode, startCredits: 100, quota: defaultQuota, leaseHours: null }) },
    invitations: {
      consume(code: string) {
        const found = invitations.get(code);
        if (found === undefined || found.usesLeft === 0) return null;
        found.usesLeft -= 1;
        return { className: found.className };
      },
    },
    events: { record: (event: NewEvent) => void told.push(event) },
    accounts: { created: (userId: UserId, username: string) => void created.push({ userId, username }) },
  };
  return { mode, invitations, created, told, options };
}

export function createHarness(options: Partial<AuthOptions> = {}) {
  const db = openDb(":memory:");
  const bus = createBus();
  const clock = createHandClock();
  const ended: SessionsEnded[] = [];
  bus.onSessionsEnded((which) => ended.push(which));
  const surroundings = createSurroundings();
  const auth = createAuthFeature({
    ...{ db, bus, clock, log: createLog("silent"), jwtSecret: SECRET },
    ...surroundings.options,
    ...options,
  });

  async function run<N extends CommandName>(
    name: N,
    input: CommandRequest<N>,
    by: Caller = caller(),
  ): Promise<CommandOutput<N>> {
    const command = auth.commands.find((bound) => bound.name === name);
    if (command === undefined) throw new Error(`No command ${name}`);
    const output = await command.run(commands[name].input.parse(input), by);
    return commands[name].output.parse(output) as CommandOutput<N>;
  }

  async function sessionOf(token: string): Promise<Session> {
    const session = await auth.gate.open(token);
    if (session === null) throw new Error("The token opens no session");
    return session;
  }
  return { ...surroundings, db, bus, clock, ended, auth, run, sessionOf };
}

/** The refusal that `work` ends with. */
export async function refusal(work: Promise<unknown>): Promise<AppError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error("It was not refused");
}
