/** `quota.get`: limits, use, and what the host can still hold. */
import { defineCommand } from "../../../core/command.ts";
import { AppError } from "../../../core/errors.ts";
import type { QuotaCommandDeps } from "../deps.ts";

export const getQuota = defineCommand("quota.get", (input, { session }, deps: QuotaCommandDeps) => {
  const userId = input.userId ?? session.userId;
  // The same answer whether or not that user exists, so ids cannot be probed.
  if (userId !== session.userId && session.role !== "admin")
    throw new AppError("forbidden", "Only administrators see other users' quotas");
  if (!deps.hasUser(userId)) throw new AppError("not_found", "No such user");
  return { quota: deps.viewOf(userId), host: deps.capacity() };
});
