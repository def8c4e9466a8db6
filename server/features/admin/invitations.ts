/** Invitations to register: made by administrators, used up by registrations. */
import { and, desc, eq, gt, isNull, sql } from "drizzle-orm";
import type { InvitationId, InvitationView, UserId } from "#protocol";
import type { Db } from "../../../db/client.ts";
import { invitations, users } from "../../../db/schema/index.ts";

/** 144 random bits: nobody guesses one. */
const CODE_BYTES = 18;

export interface NewInvitation {
  readonly uses: number;
  readonly className: string | null;
  readonly createdBy: UserId;
  readonly expiresAtMs: number;
}

export interface Invitations {
  /** Takes one use. Call it inside the transaction that makes the account. Null for a code that does not work. */
  consume(code: string, nowMs: number): { readonly className: string | null } | null;
  create(invitation: NewInvitation, nowMs: number): InvitationView;
  /** Those that still work, newest first. */
  list(nowMs: number): InvitationView[];
  /** False when there is none of that id that still works. */
  revoke(id: InvitationId, nowMs: number): boolean;
}

const usable = (nowMs: number) =>
  and(isNull(invitations.revokedAtMs), gt(invitations.usesLeft, 0), gt(invitations.expiresAtMs, nowMs));

/** Path of the page of the user interface. */
const pathOf = (code: string) => `/register?invitation=${code}`;

export function createInvitations({ orm }: Db): Invitations {
  const select = () =>
    orm
      .select({ row: invitations, createdByName: users.username })
      .from(invitations)
      .leftJoin(users, eq(users.id, invitations.createdBy));

  return {
    consume(code, nowMs) {
      const used = orm
        .update(invitations)
        .set({ usesLeft: sql`${invitations.usesLeft} - 1` })
        .where(and(eq(invitations.code, code), usable(nowMs)))
        .returning({ className: invitations.className })
        .get();
      return used ?? null;
    },
    create({ uses, className, createdBy, expiresAtMs }, nowMs) {
      const code = crypto.getRandomValues(Buffer.alloc(CODE_BYTES)).toString("base64url");
      const values = { code, className, usesLeft: uses, createdBy, expiresAtMs, createdAtMs: nowMs };
      const { id } = orm.insert(invitations).values(values).returning({ id: invitations.id }).get();
      const stored = select().where(eq(invitations.id, id)).get();
      return viewOf(stored ?? { row: { ...values, id }, createdByName: null });
    },
    list: (nowMs) => select().where(usable(nowMs)).orderBy(desc(invitations.id)).all().map(viewOf),
    revoke(id, nowMs) {
      const mine = and(eq(invitations.id, id), usable(nowMs));
      const revoked = orm.update(invitations).set({ revokedAtMs: nowMs }).where(mine);
      return revoked.returning({ id: invitations.id }).get() !== undefined;
    },
  };
}

interface StoredInvitation {
  readonly row: Omit<typeof invitations.$inferSelect, "revokedAtMs">;
  readonly createdByName: string | null;
}

function viewOf({ row, createdByName }: StoredInvitation): InvitationView {
  const { id, code, className, usesLeft, expiresAtMs, createdAtMs } = row;
  return {
    ...{ id, className, usesLeft, expiresAtMs, createdAtMs },
    path: pathOf(code),
    createdByName: createdByName ?? "",
  };
}
