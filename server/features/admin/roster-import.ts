/** Carries a roster out row by row. A row that fails is reported, and the next one goes on. */
import { MILLI, type RosterRow } from "#protocol";
import type { Caller, Session } from "../../core/caller.ts";
import { AppError, toWireError } from "../../core/errors.ts";
import { tellOfAccount } from "./account-events.ts";
import type { AdminCommandDeps } from "./command-deps.ts";
import type { RosterLine } from "./roster-file.ts";
import { type KnownAccount, planRow, type RosterPlan, readWish, type RosterWish } from "./roster-plan.ts";

/** The answer must be there before a client gives up; what is left then is one more import of the same file. */
const BUDGET_MS = 10_000;
/** Hashing is the slow part; two rows keep the queue of the hasher busy without filling it. */
const PARALLEL = 2;

type PlannedRow = Pick<RosterRow, "line" | "username"> & { readonly plan: RosterPlan };
type Done = Pick<RosterRow, "outcome" | "message" | "password">;

const refused = (message: string): Done => ({ outcome: "refused", message, password: null });

/** Refused input is shown again, but not control characters that would draw over a terminal. */
const shownName = (text: string) => text.replace(/[\p{Cc}\u2028\u2029]/gu, " ").slice(0, 64);

function knownAccount(username: string, deps: AdminCommandDeps): KnownAccount | null {
  const user = deps.users.findByName(username);
  if (!user) return null;
  const { limits } = deps.quotas.viewOf(user.id);
  return { user, isBeingDeleted: deps.deletion.isPending(user.id), vmQuota: limits.vms };
}

export function planRoster(lines: readonly RosterLine[], deps: AdminCommandDeps): PlannedRow[] {
  const firstLines = new Map<string, number>();
  return lines.map((row) => {
    const { line } = row;
    const read = readWish(row, deps.clock.now());
    const username = shownName(row.cells.username);
    if (!read.ok) return { line, username, plan: { kind: "refuse", reason: read.reason } };
    const { wish } = read;
    const first = firstLines.get(wish.username);
    firstLines.set(wish.username, first ?? line);
    const plan: RosterPlan =
      first === undefined
        ? planRow(wish, knownAccount(wish.username, deps))
        : { kind: "refuse", reason: `Line ${first} has this username already` };
    return { line, username: wish.username, plan };
  });
}

/** What would happen, and nothing does. */
export function forecast(row: PlannedRow): RosterRow {
  const { line, username } = row;
  return { line, username, ...outlook(row) };
}

function outlook({ plan }: PlannedRow): Done {
  switch (plan.kind) {
    case "create":
      return { outcome: "created", message: null, password: null };
    case "update":
      return { outcome: "updated", message: changedWords(plan.change), password: null };
    case "unchanged":
      return { outcome: "unchanged", message: null, password: null };
    case "refuse":
      return refused(plan.reason);
    default:
      return plan satisfies never;
  }
}

function changedWords(change: object): string {
  return `Changes ${Object.keys(change)
    .map((name) => (name === "className" ? "class" : name === "expiresAtMs" ? "expiresAt" : name))
    .join(", ")}`;
}

async function create(wish: RosterWish, caller: Caller<Session>, deps: AdminCommandDeps): Promise<Done> {
  const { username, email, className, expiresAtMs, vmQuota, credits } = wish;
  const account = { username, email, className, expiresAtMs, password: null, role: "user" as const };
  const { userId, oneTimePassword } = await deps.accounts.create(account);
  if (vmQuota !== null) deps.quotas.set(userId, { vms: vmQuota });
  if (credits !== null) startWith(credits * MILLI, wish, caller, deps);
  tellOfAccount(deps, caller, {
    ...{ userId, username, name: "account.created" },
    message: `The account ${username} is made from a roster`,
  });
  return { outcome: "created", message: null, password: oneTimePassword };
}

/** The account has its start credits already; the difference makes it what the roster says. */
function startWith(
  balance: number,
  { username }: RosterWish,
  { session }: Caller<Session>,
  deps: AdminCommandDeps,
): void {
  const user = deps.users.findByName(username);
  if (!user || user.balance === balance) return;
  deps.credits.adjust({
    userId: user.id,
    amount: balance - user.balance,
    reason: "Start credits of the roster",
    actor: { id: session.userId, name: session.username },
    key: `roster:${user.id}`,
  });
}

function update(
  { user, change }: Extract<RosterPlan, { kind: "update" }>,
  caller: Caller<Session>,
  deps: AdminCommandDeps,
): Done {
  const { vmQuota, ...account } = change;
  deps.db.tx(() => {
    if (Object.keys(account).length > 0) deps.accounts.update(user.id, account);
    if (vmQuota !== undefined) deps.quotas.set(user.id, { vms: vmQuota });
  });
  tellOfAccount(deps, caller, {
    ...{ userId: user.id, username: user.username, name: "account.changed" },
    message: `The account ${user.username} is changed from a roster`,
  });
  return { outcome: "updated", message: changedWords(change), password: null };
}

async function carryOut(row: PlannedRow, caller: Caller<Session>, deps: AdminCommandDeps): Promise<Done> {
  try {
    if (row.plan.kind === "create") return await create(row.plan.wish, caller, deps);
    return row.plan.kind === "update" ? update(row.plan, caller, deps) : outlook(row);
  } catch (error) {
    if (!(error instanceof AppError)) deps.log.error({ err: error, line: row.line }, "a row of a roster");
    return refused(toWireError(error).message);
  }
}

/** One report for each row, in the order of the file. */
export async function importRoster(
  rows: readonly PlannedRow[],
  caller: Caller<Session>,
  deps: AdminCommandDeps,
): Promise<RosterRow[]> {
  const untilMs = deps.clock.now() + BUDGET_MS;
  const report: RosterRow[] = [];
  for (let at = 0; at < rows.length; at += PARALLEL) {
    const batch = rows.slice(at, at + PARALLEL);
    const done = await Promise.all(
      batch.map((row) =>
        deps.clock.now() < untilMs
          ? carryOut(row, caller, deps)
          : refused("There was no time for this row: import the same file again for the rest"),
      ),
    );
    for (const [index, { line, username }] of batch.entries())
      report.push({ line, username, ...(done[index] ?? refused("It was not done")) });
  }
  return report;
}
