/** What a roster row means for the accounts as they are: pure, so that a dry run and the import decide alike. */
import { type AdminUserView, className, email, quotaLimits, username } from "#protocol";
import type { RosterLine } from "./roster-file.ts";

export interface RosterWish {
  readonly username: string;
  readonly email: string | null;
  readonly className: string | null;
  /** Whole credits that a new account starts with; null is the default of the cloud. */
  readonly credits: number | null;
  readonly vmQuota: number | null;
  readonly expiresAtMs: number | null;
}

/** Only what differs. */
export interface RosterChange {
  readonly email?: string;
  readonly className?: string;
  readonly expiresAtMs?: number;
  readonly vmQuota?: number;
}

export type RosterPlan =
  | { readonly kind: "create"; readonly wish: RosterWish }
  | { readonly kind: "update"; readonly user: AdminUserView; readonly change: RosterChange }
  | { readonly kind: "unchanged" }
  | { readonly kind: "refuse"; readonly reason: string };

export interface KnownAccount {
  readonly user: AdminUserView;
  readonly isBeingDeleted: boolean;
  /** The limit of VMs that counts for the user now. */
  readonly vmQuota: number;
}

interface Cell<T> {
  readonly value: T | null;
  readonly problem: string | null;
}

const MAX_CREDITS = 1_000_000;
const DAY = /^\d{4}-\d{2}-\d{2}$/;
const ISO_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})?$/;
/** As in the rest of the protocol. */
const MAX_TIME_MS = 4_102_444_800_000;

function cell<T>(text: string, read: (text: string) => T | null, rule: string): Cell<T> {
  if (text === "") return { value: null, problem: null };
  const value = read(text);
  return { value, problem: value === null ? rule : null };
}

function wholeUpTo(max: number) {
  return (text: string) => (/^\d{1,7}$/.test(text) && Number(text) <= max ? Number(text) : null);
}

/** A day means its end, where the server is: the account works on that day. */
function timeOf(text: string): number | null {
  const time = DAY.test(text) ? new Date(`${text}T23:59:59`) : ISO_TIME.test(text) ? new Date(text) : null;
  const ms = time?.getTime() ?? Number.NaN;
  // 2026-02-31 would silently become a day in March.
  const isDayKept = time !== null && (!DAY.test(text) || time.getDate() === Number(text.slice(8)));
  return Number.isSafeInteger(ms) && ms > 0 && ms < MAX_TIME_MS && isDayKept ? ms : null;
}

const maxVms = quotaLimits.shape.vms.maxValue ?? 0;

export type RosterReading =
  { readonly ok: true; readonly wish: RosterWish } | { readonly ok: false; readonly reason: string };

/** What the cells say, or every rule they break. */
export function readWish({ cells, problem }: RosterLine, nowMs: number): RosterReading {
  if (problem !== null) return { ok: false, reason: problem };
  // Names are lower case; a list of people seldom is.
  const name = username.safeParse(cells.username.toLowerCase());
  const mail = cell(
    cells.email,
    (text) => email.safeParse(text).data ?? null,
    "email must be an e-mail address",
  );
  const label = cell(
    cells.class,
    (text) => className.safeParse(text).data ?? null,
    "class must be 1 to 32 characters: letters, digits, spaces, ., - and _",
  );
  const credits = cell(
    cells.credits,
    wholeUpTo(MAX_CREDITS),
    `credits must be a whole number from 0 to ${MAX_CREDITS}`,
  );
  const vms = cell(cells.vmQuota, wholeUpTo(maxVms), `vmQuota must be a whole number from 0 to ${maxVms}`);
  const expires = cell(
    cells.expiresAt,
    (text) => {
      const ms = timeOf(text);
      return ms !== null && ms > nowMs ? ms : null;
    },
    "expiresAt must be a day to come, such as 2030-07-31",
  );
  const nameProblem = name.success
    ? null
    : "username must be 3 to 32 lower-case letters, digits, - and _, beginning with a letter, ending with a letter or digit";
  const problems = [nameProblem, ...[mail, label, credits, vms, expires].map((read) => read.problem)];
  const said = problems.filter((text) => text !== null);
  if (!name.success || said.length > 0) return { ok: false, reason: said.join("; ") };
  return {
    ok: true,
    wish: {
      username: name.data,
      email: mail.value,
      className: label.value,
      credits: credits.value,
      vmQuota: vms.value,
      expiresAtMs: expires.value,
    },
  };
}

/** An empty cell leaves an existing account as it is; credits are for new accounts alone. */
export function planRow(wish: RosterWish, known: KnownAccount | null): RosterPlan {
  if (known === null) return { kind: "create", wish };
  const { user, isBeingDeleted, vmQuota } = known;
  if (user.role === "admin")
    return { kind: "refuse", reason: "This is an administrator; a roster changes users only" };
  if (isBeingDeleted) return { kind: "refuse", reason: "This account is being deleted" };
  const change: RosterChange = {
    ...(wish.email !== null && wish.email !== user.email && { email: wish.email }),
    ...(wish.className !== null && wish.className !== user.className && { className: wish.className }),
    ...(wish.expiresAtMs !== null &&
      wish.expiresAtMs !== user.expiresAtMs && { expiresAtMs: wish.expiresAtMs }),
    ...(wish.vmQuota !== null && wish.vmQuota !== vmQuota && { vmQuota: wish.vmQuota }),
  };
  return Object.keys(change).length === 0 ? { kind: "unchanged" } : { kind: "update", user, change };
}
