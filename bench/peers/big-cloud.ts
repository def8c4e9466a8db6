/** A cloud as large as our goals name, on a file of its own: users, VMs and ledger, and its commands as the gateway calls them. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type CommandName, type TopicName, userId } from "#protocol";
import { type Db, openDb } from "../../db/client.ts";
import { createBus } from "../../server/core/bus.ts";
import type { Session } from "../../server/core/caller.ts";
import { systemClock } from "../../server/core/clock.ts";
import { createLog } from "../../server/core/log.ts";
import { createCursors } from "../../server/core/paging.ts";
import { createSimulatedDriver } from "../../server/drivers/simulated/index.ts";
import { createAdminFeature, createInvitations } from "../../server/features/admin/index.ts";
import { createAuthFeature } from "../../server/features/auth/index.ts";
import { createCreditFeature } from "../../server/features/credits/index.ts";
import { createEventFeature } from "../../server/features/events/index.ts";
import { createImageFeature } from "../../server/features/images/index.ts";
import { createJobFeature } from "../../server/features/jobs/index.ts";
import { createQuotaFeature } from "../../server/features/quotas/index.ts";
import { createSettingsFeature } from "../../server/features/settings/index.ts";
import { createVmFeature } from "../../server/features/vms/index.ts";
import { createDispatch } from "../../server/gateway/dispatch.ts";
import { collectImplementations } from "../../server/gateway/implementations.ts";

export interface CloudSize {
  readonly users: number;
  readonly vms: number;
  readonly ledgerRows: number;
}

export interface BigCloud {
  readonly db: Db;
  readonly admin: Session;
  /** The reply as it goes on the wire. */
  call(name: CommandName, input: object): Promise<string>;
  /** The snapshot for an administrator as it goes on the wire. */
  snapshot(topic: TopicName): string;
  dispose(): Promise<void>;
}

/** Rows as the features write them, in one transaction. */
export function fill({ sqlite }: Db, { users, vms, ledgerRows }: CloudSize): void {
  const user = sqlite.query(
    `insert into users (username, password_hash, role, email, class_name, created_at_ms) values (?, '-', ?, ?, ?, ?)`,
  );
  const vm = sqlite.query(
    `insert into vms (owner_id, name, image, ram_mb, cpu_cores, disk_gb, driver, state, created_at_ms)
      values (?, ?, 'lab', 512, 1, 10, 'simulated', ?, ?)`,
  );
  sqlite.transaction(() => {
    for (let id = 1; id <= users; id += 1) {
      const name = `user-${String(id).padStart(5, "0")}`;
      user.run(name, id === 1 ? "admin" : "user", `u${id}@example.org`, `class-${id % 40}`, id);
    }
    for (let n = 0; n < vms; n += 1)
      vm.run(1 + ((n * 7) % users), `vm-${n}`, n % 3 === 0 ? "running" : "stopped", n);
    fillLedger(sqlite, users, Math.floor(ledgerRows / users));
  })();
  sqlite.run("analyze");
}

/**
 * A grant and then charges for each user. Its triggers look at every row and would make a minute of it: the sums they keep
 * are written at once instead, and they are back before anything is measured.
 */
function fillLedger(sqlite: Db["sqlite"], users: number, perUser: number): void {
  const triggers = sqlite
    .query<{ name: string; sql: string }, []>(
      "select name, sql from sqlite_master where type = 'trigger' and tbl_name = 'ledger'",
    )
    .all();
  for (const { name } of triggers) sqlite.run(`drop trigger ${name}`);
  // Round by round, so that the entries of one user lie far apart, as they do in life.
  sqlite.run(
    `with recursive rounds (round) as (select 0 union all select round + 1 from rounds where round < ?1 - 1),
        ids (id) as (select 1 union all select id + 1 from ids where id < ?2)
      insert into ledger (user_id, kind, amount, balance_after, key, reason, at_ms)
      select id, iif(round = 0, 'grant', 'charge'), iif(round = 0, 1000000 + id, -35),
        1000000 + id - 35 * round, 'bench:' || id || ':' || round, 'bench', round
      from rounds cross join ids`,
    [perUser, users],
  );
  sqlite.run(
    `insert into credit_accounts (user_id, balance, issued, burnt, grant_balance)
      select id, 1000000 + id - 35 * (?1 - 1), 1000000 + id, 35 * (?1 - 1), 1000000 + id from users`,
    [perUser],
  );
  for (const { sql } of triggers) sqlite.run(sql);
}

export function openBigCloud(size: CloudSize): BigCloud {
  const home = mkdtempSync(join(tmpdir(), "twarga-bench-"));
  const db = openDb(join(home, "bench.sqlite"));
  fill(db, size);
  const { features, owned } = wire(db, home);
  const bound = features.flatMap((feature) => feature.commands);
  const { commands, topics } = collectImplementations(
    bound,
    features.flatMap((feature) => feature.topics),
    true,
  );
  const log = createLog("silent");
  const dispatch = createDispatch({ commands, log, clock: systemClock, checkOutput: false });
  const admin: Session = {
    ...{ sessionId: "bench", userId: userId.parse(1), username: "user-00001", role: "admin" },
    ...{ expiresAtMs: Number.MAX_SAFE_INTEGER, kind: "login", scope: "write", mustChangePassword: false },
  };
  const caller = { session: admin, face: "socket", remoteAddress: "", userAgent: "", channel: null } as const;
  return {
    db,
    admin,
    async call(name, input) {
      const outcome = await dispatch(name, input, caller);
      if (!outcome.ok) throw new Error(`${name}: ${outcome.error.message}`);
      return outcome.json;
    },
    snapshot: (topic) =>
      JSON.stringify(topics.get(topic)?.snapshot({ session: admin, ownerId: null, key: "" })),
    async dispose() {
      for (const feature of owned.toReversed()) await feature.dispose();
      db.close();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

function wire(db: Db, home: string) {
  const [bus, clock, log] = [createBus(), systemClock, createLog("silent")];
  const base = { db, bus, clock, log, cursors: createCursors("a secret of the benchmark") };
  const driver = createSimulatedDriver({ vmsDir: home, clock, log, reason: "a benchmark" });
  const events = createEventFeature(base);
  const settings = createSettingsFeature({ ...base, events: events.log });
  const credits = createCreditFeature({ ...base, settings, events: events.log });
  const quotas = createQuotaFeature({ ...base, settings, host: null });
  const invitations = createInvitations(db);
  const auth = createAuthFeature({
    ...{ ...base, settings, invitations, events: events.log, accounts: credits.accounts },
    jwtSecret: "a secret of the benchmark, longer than 32 bytes",
  });
  const jobs = createJobFeature(base);
  const images = createImageFeature({ ...base, driver, jobs: jobs.runner, vmsDir: home, maxUploadBytes: 1 });
  const vms = createVmFeature({
    ...{ ...base, driver, images, settings, jobs: jobs.runner, events: events.log },
    ...{ billing: credits.billing, admission: quotas.admission },
  });
  const admin = createAdminFeature({
    ...{ ...base, events: events.log, accounts: auth.accounts, vms: vms.admin, credits, quotas, invitations },
    newestVmSamples: () => [],
    onlineUserCount: () => 0,
  });
  const features = [events, settings, credits, quotas, auth, jobs, images, vms, admin];
  return { features, owned: features };
}
