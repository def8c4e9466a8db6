/** What an administrator may not do to an account, and to the own one above all. */
import type { AdminUserView, UserId } from "#protocol";
import { AppError } from "../../core/errors.ts";
import type { AdminCommandDeps } from "./command-deps.ts";

interface Change {
  readonly active?: boolean | undefined;
  readonly role?: "user" | "admin" | undefined;
  readonly expiresAtMs?: number | null | undefined;
}

/** The caller is an active administrator: as long as nobody locks himself out, one always remains. */
export function selfRefusal(change: Change, nowMs: number): string | null {
  if (change.active === false) return "You cannot deactivate your own account; another administrator can";
  if (change.role === "user") return "You cannot give up your own role; another administrator can take it";
  if (change.expiresAtMs !== undefined && change.expiresAtMs !== null && change.expiresAtMs <= nowMs)
    return "You cannot let your own account expire; another administrator can";
  return null;
}

/** The user, or `not_found`. */
export function existing({ users }: Pick<AdminCommandDeps, "users">, userId: UserId): AdminUserView {
  const user = users.find(userId);
  if (!user) throw new AppError("not_found", "No such user");
  return user;
}

/** The user, when the account is not about to be removed. */
export function lasting(deps: Pick<AdminCommandDeps, "users" | "deletion">, userId: UserId): AdminUserView {
  const user = existing(deps, userId);
  if (deps.deletion.isPending(userId))
    throw new AppError("conflict", `${user.username} is being deleted and waits for the VMs to be destroyed`);
  return user;
}
