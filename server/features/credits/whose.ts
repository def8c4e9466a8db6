/** Whose account a command is about: one's own, or for administrators anybody's. */
import type { UserId } from "#protocol";
import type { Session } from "../../core/caller.ts";
import { AppError } from "../../core/errors.ts";

/** The same answer whether or not that user exists, so ids cannot be probed. */
export function whoseAccount(session: Session, wanted: UserId | undefined): UserId {
  if (wanted === undefined || wanted === session.userId) return session.userId;
  if (session.role !== "admin")
    throw new AppError("forbidden", "Only administrators see other users' credits");
  return wanted;
}
