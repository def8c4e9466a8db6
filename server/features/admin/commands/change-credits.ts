/** `admin.user.credits`: gives or takes credits, once for each request key. */
import { MILLI } from "#protocol";
import type { Caller, Session } from "../../../core/caller.ts";
import { defineCommand } from "../../../core/command.ts";
import type { AdminCommandDeps } from "../command-deps.ts";
import type { CreditAdjustment } from "../deps.ts";
import { lasting } from "../user-rules.ts";

type Wanted = Pick<CreditAdjustment, "userId" | "reason"> & { readonly credits: number };

/** In milli-credits and by this caller; a retried request finds its first adjustment by the key. */
export function adjustmentOf({ session, requestKey }: Caller<Session>, wanted: Wanted): CreditAdjustment {
  const { userId, reason, credits } = wanted;
  const request = requestKey === undefined ? crypto.randomUUID() : `${session.userId}:${requestKey}`;
  return {
    ...{ userId, reason, amount: credits * MILLI },
    actor: { id: session.userId, name: session.username },
    key: `admin:${request}:${userId}`,
  };
}

export const changeCredits = defineCommand("admin.user.credits", (input, caller, deps: AdminCommandDeps) => {
  const { userId, amount, action, reason } = input;
  lasting(deps, userId);
  const credits = action === "grant" ? amount : -amount;
  return { balance: deps.credits.adjust(adjustmentOf(caller, { userId, reason, credits })) };
});
