/** `credits.get`: balance, burn rate and when it empties. */
import { defineCommand } from "../../../core/command.ts";
import { AppError } from "../../../core/errors.ts";
import type { CreditCommandDeps } from "../deps.ts";
import { whoseAccount } from "../whose.ts";

export const getCredits = defineCommand("credits.get", (input, { session }, deps: CreditCommandDeps) => {
  const userId = whoseAccount(session, input.userId);
  if (userId !== session.userId && !deps.ledger.hasAccount(userId))
    throw new AppError("not_found", "No such user");
  return { credits: deps.viewOf(userId) };
});
