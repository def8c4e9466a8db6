/** Credits: balance, burn rate and the append-only ledger. Amounts are whole milli-credits. */
import { z } from "zod";
import { command } from "./command-spec.ts";
import { oneOf, timeInput } from "./fields.ts";
import { epochMs, userId, vmId } from "./ids.ts";
import { nextCursor, pageFields, textFile } from "./paging.ts";
import { topic } from "./topic-spec.ts";

const milliCredits = z.int().meta({ description: "Milli-credits: 1000 are one credit." });

export const ledgerKinds = ["grant", "charge", "hold", "release", "adjustment"] as const;
export const ledgerKind = oneOf(ledgerKinds);
export type LedgerKind = z.infer<typeof ledgerKind>;

export const ledgerEntry = z.object({
  id: z.int(),
  userId,
  kind: ledgerKind,
  /** Signed: charges and holds are negative. */
  amount: milliCredits,
  balanceAfter: milliCredits,
  vmId: vmId.nullable(),
  vmName: z.string().nullable(),
  reason: z.string(),
  /** Who caused it; null for the meter. */
  actorName: z.string().nullable(),
  atMs: epochMs,
});
export type LedgerEntry = z.infer<typeof ledgerEntry>;

/** `low`: 20 % or less of the last grant is left; `critical`: 30 minutes or less at the present rate; `empty`: nothing. */
export const creditLevel = z.enum(["ok", "low", "critical", "empty"]);

export const creditsView = z.object({
  userId,
  /** Not counting what is used since `asOfMs`: a client goes on from here by `burnPerHour`. */
  balance: milliCredits,
  asOfMs: epochMs,
  /** Held for VMs that are being made. */
  held: milliCredits,
  burnPerHour: milliCredits,
  /** When the balance reaches zero at the present rate; null when nothing burns. */
  emptiesAtMs: epochMs.nullable(),
  level: creditLevel,
  /** VMs of an empty account are kept at least until then. */
  keptUntilMs: epochMs.nullable(),
});
export type CreditsView = z.infer<typeof creditsView>;

const ledgerFilter = {
  userId: userId.optional().meta({ description: "Another user's, for administrators." }),
  kind: ledgerKind.optional(),
  vmId: vmId.optional(),
  fromMs: timeInput.optional(),
  toMs: timeInput.optional(),
};

export const creditsCommands = {
  "credits.get": command({
    summary: "Balance, burn rate and when it empties",
    access: "user",
    effect: "read",
    input: z.strictObject({ userId: ledgerFilter.userId }),
    output: z.object({ credits: creditsView }),
    rest: { method: "GET", path: "/api/credits" },
  }),
  "credits.ledger": command({
    summary: "The ledger, newest first",
    access: "user",
    effect: "read",
    input: z.strictObject({ ...ledgerFilter, ...pageFields }),
    output: z.object({ entries: z.array(ledgerEntry), nextCursor }),
    rest: { method: "GET", path: "/api/credits/ledger" },
  }),
  "credits.export": command({
    summary: "The ledger as CSV, newest first, at most 50,000 rows",
    access: "user",
    effect: "read",
    input: z.strictObject(ledgerFilter),
    output: textFile,
    rest: { method: "GET", path: "/api/credits/ledger.csv", reply: "file" },
  }),
} as const;

export const creditsTopics = {
  "credits.state": topic({
    summary:
      "Your balance and burn rate whenever either changes course; `all` starts empty and hears everybody's",
    policy: "latest-per-key",
    scope: "owner",
    snapshot: z.object({ credits: creditsView.nullable() }),
    event: z.object({ credits: creditsView }),
  }),
} as const;
