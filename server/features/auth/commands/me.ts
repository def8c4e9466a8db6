/** `auth.me`: the account behind the session. */
import { defineCommand } from "../../../core/command.ts";
import { AppError } from "../../../core/errors.ts";
import type { AuthDeps } from "../deps.ts";
import { toUserView } from "../user-repo.ts";

export const me = defineCommand("auth.me", (_input, { session }, deps: AuthDeps) => {
  const user = deps.users.find(session.userId);
  if (user === null) throw new AppError("unauthenticated", "Log in first");
  return { user: toUserView(user) };
});
