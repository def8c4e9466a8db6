/** Administration with real events, settings, credits and quotas, called through the gateway's dispatch, so with rights and audit. */
import {
  type CommandName,
  type CommandOutput,
  type CommandRequest,
  commands,
  type Role,
  type UserId,
  userId as userIdSchema,
  type WireError,
} from "#protocol";
import { type Db, openDb } from "../../../db/client.ts";
import { users } from "../../../db/schema/index.ts";
import { createBus } from "../../../server/core/bus.ts";
import type { Caller, Session } from "../../../server/core/caller.ts";
import { createLog } from "../../../server/core/log.ts";
import { createCursors } from "../../../server/core/paging.ts";
import { createAdminFeature, createInvitations } from "../../../server/features/admin/index.ts";
import { createCreditFeature } from "../../../server/features/credits/index.ts";
import { createEventFeature } from "../../../server/features/events/index.ts";
import { createQuotaFeature } from "../../../server/features/quotas/index.ts";
import { createSettingsFeature } from "../../../server/features/settings/index.ts";
import { createDispatch } from "../../../server/gateway/dispatch.ts";
import { collectImplementations } from "../../../server/gateway/implementations.ts";
import { ManualClock } from "../../helpers/manual-clock.ts";
import { TestAccounts } from "./test-accounts.ts";
import { TestVms } from "./test-vms.ts";

export type AdminCloud = ReturnType<typeof openAdminCloud>;

export function openAdminCloud(options: { readonly db?: Db; readonly clock?: ManualClock } = {}) {
  const db = options.db ?? openDb(":memory:");
  const clock = options.clock ?? new ManualClock(1_760_000_000_000);
  const bus = createBus();
  const log = createLog("silent");
  const base = { db, bus, clock, log, cursors: createCursors("a secret of the test") };
  const events = createEventFeature(base);
  const settings = createSettingsFeature({ ...base, events: events.log });
  const credits = createCreditFeature({ ...base, settings, events: events.log });
  const quotas = createQuotaFeature({ ...base, settings, host: null });
  const accounts = new TestAccounts(db, clock, credits.accounts);
  const vms = new TestVms(db, bus);
  const invitations = createInvitations(db);
  const admin = createAdminFeature({
    ...base,
    ...{ accounts, vms, credits, quotas, invitations, events: events.log },
    newestVmSamples: () => [],
    onlineUserCount: () => 0,
  });
  const features = [events, settings, credits, quotas, admin];
  const bound = features.flatMap((feature) => feature.commands);
  const topics = features.flatMap((feature) => feature.topics);
  const implemented = collectImplementations(bound, topics, true);
  const dispatch = createDispatch({
    ...{ commands: implemented.commands, clock, log, checkOutput: true },
    audit: events.audit,
  });

  async function run(by: Session, name: CommandName, input: unknown, requestKey?: string) {
    const caller: Caller = {
      ...{ session: by, face: "rest", remoteAddress: "10.0.0.9", userAgent: "test", channel: null },
      ...(requestKey !== undefined && { requestKey }),
    };
    return dispatch(name, input, caller);
  }

  function person(username: string, role: Role = "user"): Session {
    const row = db.orm.insert(users).values({ username, role, passwordHash: "-", createdAtMs: clock.now() });
    const { id } = row.returning({ id: users.id }).get();
    db.tx(() => credits.accounts.created(id, username));
    return sessionOf(id, username, role);
  }

  return {
    ...{ db, clock, bus, events, settings, credits, quotas, accounts, vms, invitations, admin, run, person },
    topics: implemented.topics,
    root: person("root", "admin"),
    async ok<N extends CommandName>(by: Session, name: N, input: CommandRequest<N>, requestKey?: string) {
      const outcome = await run(by, name, input, requestKey);
      if (!outcome.ok) throw new Error(`${name}: ${outcome.error.code} ${outcome.error.message}`);
      return commands[name].output.parse(outcome.output) as CommandOutput<N>;
    },
    async refused(by: Session, name: CommandName, input: unknown): Promise<WireError> {
      const outcome = await run(by, name, input);
      if (outcome.ok) throw new Error(`${name} was not refused`);
      return outcome.error;
    },
    idOf(username: string): UserId {
      const row = db.sqlite.query("select id from users where username = ? order by id desc").get(username);
      return userIdSchema.parse((row as { id: number } | null)?.id);
    },
    async close() {
      for (const feature of features.toReversed()) await feature.dispose();
      if (options.db === undefined) db.close();
    },
  };
}

export function sessionOf(userId: UserId, username: string, role: Role): Session {
  return {
    ...{ sessionId: `session-${userId}`, userId, username, role },
    ...{ expiresAtMs: Number.MAX_SAFE_INTEGER, kind: "login", scope: "write", mustChangePassword: false },
  };
}
