/** `admin.user.update`: rights, class, e-mail, expiry and quota of a user; they count at once. */
import type { AdminUserView, CommandInput } from "#protocol";
import { defineCommand } from "../../../core/command.ts";
import { AppError } from "../../../core/errors.ts";
import { tellOfAccount } from "../account-events.ts";
import type { AdminCommandDeps } from "../command-deps.ts";
import { existing, lasting, selfRefusal } from "../user-rules.ts";

type Change = Omit<CommandInput<"admin.user.update">, "userId">;

/** What the user should hear of, in words; empty when nothing changes. */
export function changesOf(before: AdminUserView, { active, role, expiresAtMs, quota }: Change): string[] {
  const words: string[] = [];
  if (active !== undefined && active !== before.active) words.push(active ? "activated" : "deactivated");
  if (role !== undefined && role !== before.role) words.push(`given the role ${role}`);
  if (expiresAtMs !== undefined && expiresAtMs !== before.expiresAtMs) {
    const day = expiresAtMs === null ? null : new Date(expiresAtMs).toISOString().slice(0, 10);
    words.push(day === null ? "kept without an end" : `set to expire on ${day}`);
  }
  if (quota !== undefined && Object.keys(quota).length > 0) words.push("given another quota");
  return words;
}

const eventNameOf = ({ active }: Change) =>
  active === undefined ? "account.changed" : active ? "account.activated" : "account.deactivated";

export const updateUser = defineCommand("admin.user.update", (input, caller, deps: AdminCommandDeps) => {
  const { userId, quota, ...change } = input;
  const before = lasting(deps, userId);
  const refusal = userId === caller.session.userId ? selfRefusal(change, deps.clock.now()) : null;
  if (refusal !== null) throw new AppError("conflict", refusal);

  deps.db.tx(() => {
    deps.accounts.update(userId, change);
    if (quota !== undefined) deps.quotas.set(userId, quota);
  });
  const words = changesOf(before, input);
  if (words.length > 0)
    tellOfAccount(deps, caller, {
      ...{ userId, username: before.username, name: eventNameOf(input) },
      severity: input.active === false ? "warning" : "info",
      message: `The account ${before.username} is ${words.join(", ")}`,
    });
  return { user: existing(deps, userId) };
});
