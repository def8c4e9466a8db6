/** The credits feature on a database of its own, with a wall clock and a monotonic one that are moved by hand. */
import {
  type CommandName,
  type CommandOutput,
  type CommandRequest,
  commands,
  type EventOf,
  jobId,
  type Role,
  userId,
  type UserId,
  vmId,
  type VmState,
} from "#protocol";
import { type Db, openDb } from "../../../db/client.ts";
import { ledger, users } from "../../../db/schema/index.ts";
import type { BilledVm } from "../../../server/core/billing.ts";
import { createBus } from "../../../server/core/bus.ts";
import type { Session } from "../../../server/core/caller.ts";
import type { NewEvent } from "../../../server/core/event-log.ts";
import { AppError } from "../../../server/core/errors.ts";
import { createLog } from "../../../server/core/log.ts";
import { createCursors } from "../../../server/core/paging.ts";
import { createCreditFeature } from "../../../server/features/credits/index.ts";
import { defaultSettings } from "../../../server/features/settings/setting-store.ts";
import { ManualClock } from "../../helpers/manual-clock.ts";

export const MINUTE = 60_000;
export const HOUR = 3_600_000;

export interface LedgerOptions {
  readonly db?: Db;
  readonly clock?: ManualClock;
  readonly startCredits?: number;
}

export type TestLedger = ReturnType<typeof openLedger>;

/** What the tariff asks for this machine: 3.1 credits an hour running, 0.1 for its disk. */
export const small = { ramMb: 1_024, cpuCores: 1, diskGb: 10 };

export function billed(ownerId: UserId, id: number, state: VmState, size = small): BilledVm {
  return { ...size, vmId: vmId.parse(id), ownerId, name: `vm-${id}`, state };
}

export const job = (id: number) => jobId.parse(id);

export function openLedger(options: LedgerOptions = {}) {
  const db = options.db ?? openDb(":memory:");
  const clock = options.clock ?? new ManualClock(1_700_000_000_000);
  /** How far the wall clock was set ahead of the time that really passed. */
  const wall = { offsetMs: 0 };
  const bus = createBus();
  const events: NewEvent[] = [];
  const published: EventOf<"credits.state">["credits"][] = [];
  bus.on("credits.state", ({ data }) => published.push(data.credits));
  const feature = createCreditFeature({
    db,
    bus,
    clock: {
      now: () => clock.now() + wall.offsetMs,
      after: (ms, fn) => clock.after(ms, fn),
      every: (ms, fn) => clock.every(ms, fn),
    },
    log: createLog("silent"),
    cursors: createCursors("a secret of the test"),
    settings: { get: () => ({ ...defaultSettings, startCredits: options.startCredits ?? 100 }) },
    events: { record: (event) => events.push(event) },
    monotonicMs: () => clock.now(),
  });
  const emptied: UserId[] = [];
  feature.onEmpty((id) => emptied.push(id));

  function newUser(username: string, role: Role = "user"): Session {
    const row = db.orm.insert(users).values({ username, role, passwordHash: "-", createdAtMs: 0 });
    const { id } = row.returning({ id: users.id }).get();
    return {
      sessionId: username,
      userId: id,
      username,
      role,
      expiresAtMs: Number.MAX_SAFE_INTEGER,
      kind: "login",
      scope: "write",
      mustChangePassword: false,
    };
  }

  return {
    ...feature,
    db,
    clock,
    wall,
    events,
    published,
    emptied,
    newUser,
    /** With its start credits. */
    user(username: string, role: Role = "user"): Session {
      const session = newUser(username, role);
      db.tx(() => feature.accounts.created(session.userId, username));
      return session;
    },
    entries: (of?: UserId) =>
      db.orm
        .select()
        .from(ledger)
        .orderBy(ledger.id)
        .all()
        .filter((entry) => of === undefined || entry.userId === of),
    inState: (ownerId: UserId, id: number, state: VmState, size = small) =>
      db.tx(() => feature.billing.meter(billed(ownerId, id, state, size))),
    async call<N extends CommandName>(session: Session, name: N, input: CommandRequest<N>) {
      const command = feature.commands.find((candidate) => candidate.name === name);
      if (!command) throw new Error(`No command ${name}`);
      const caller = { session, face: "rest" as const, remoteAddress: "", userAgent: "", channel: null };
      const output = await command.run(commands[name].input.parse(input), caller);
      return commands[name].output.parse(output) as CommandOutput<N>;
    },
    /** Lets what waits for the end of a transaction happen. */
    settled: () => Bun.sleep(0),
    async close() {
      await feature.dispose();
      db.close();
    },
  };
}

export const nobody = userId.parse(999_999);

/** The refusal of a call that must not succeed. */
export async function refusal(call: Promise<unknown>): Promise<Pick<AppError, "code" | "message" | "field">> {
  const thrown: unknown = await call.then(
    () => null,
    (error: unknown) => error,
  );
  if (!(thrown instanceof AppError)) throw new Error(`Not refused: ${String(thrown)}`);
  const { code, message, field } = thrown;
  return { code, message, field };
}
