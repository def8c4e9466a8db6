/** `admin.user.bulk`: one action on many users; one that is refused keeps no other from being done. */
import type { CommandInput, UserId, WireError } from "#protocol";
import type { Caller, Session } from "../../../core/caller.ts";
import { defineCommand } from "../../../core/command.ts";
import { AppError, toWireError } from "../../../core/errors.ts";
import type { AdminCommandDeps } from "../command-deps.ts";
import { existing } from "../user-rules.ts";
import { logoutUser } from "./account-access.ts";
import { changeCredits } from "./change-credits.ts";
import { updateUser } from "./update-user.ts";

type Input = CommandInput<"admin.user.bulk">;

/** Each row is a transaction of its own on the disk: between them others get their turn. */
const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** The fields that this action needs; throws for a missing one before anything is done. */
function stepOf(input: Input, caller: Caller<Session>, deps: AdminCommandDeps): (userId: UserId) => void {
  const need = <T>(value: T | undefined, field: string): T => {
    if (value === undefined)
      throw new AppError("invalid_input", `${field} must be given for ${input.action}`, { field });
    return value;
  };
  switch (input.action) {
    case "activate":
    case "deactivate": {
      const active = input.action === "activate";
      return (userId) => void updateUser.handler({ userId, active }, caller, deps);
    }
    case "setClass": {
      const className = need(input.className, "className");
      return (userId) => void updateUser.handler({ userId, className }, caller, deps);
    }
    case "logout":
      return (userId) => void logoutUser.handler({ userId }, caller, deps);
    case "grant": {
      const amount = need(input.amount, "amount");
      const reason = need(input.reason, "reason");
      return (userId) =>
        void changeCredits.handler({ userId, amount, reason, action: "grant" }, caller, deps);
    }
    case "stopVms":
      return (userId) => stopVms(userId, caller, deps);
    default:
      return input.action satisfies never;
  }
}

/** Every VM is tried; the first refusal is the row's. */
function stopVms(userId: UserId, { session }: Caller<Session>, deps: AdminCommandDeps): void {
  existing(deps, userId);
  const actor = { id: session.userId, name: session.username };
  const refusals: AppError[] = [];
  for (const vm of deps.vms.ownedBy(userId)) {
    if (vm.state !== "running") continue;
    try {
      deps.vms.act(vm.id, "stop", actor);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      refusals.push(new AppError(error.code, `${vm.name}: ${error.message}`, { cause: error }));
    }
  }
  if (refusals[0]) throw refusals[0];
}

export const bulkUsers = defineCommand("admin.user.bulk", async (input, caller, deps: AdminCommandDeps) => {
  const step = stepOf(input, caller, deps);
  const results: { userId: UserId; error: Pick<WireError, "code" | "message"> | null }[] = [];
  for (const userId of new Set(input.userIds)) {
    try {
      step(userId);
      results.push({ userId, error: null });
    } catch (error) {
      if (!(error instanceof AppError)) deps.log.error({ err: error, userId }, "one row of a bulk action");
      const { code, message } = toWireError(error);
      results.push({ userId, error: { code, message } });
    }
    await nextTurn();
  }
  return { results };
});
