/** `admin.invitation.*`: links by which people can register. */
import { HOUR_MS } from "#protocol";
import { defineCommand } from "../../../core/command.ts";
import { AppError } from "../../../core/errors.ts";
import type { AdminCommandDeps } from "../command-deps.ts";

export const listInvitations = defineCommand(
  "admin.invitation.list",
  (_input, _caller, { invitations, clock }: AdminCommandDeps) => ({
    invitations: invitations.list(clock.now()),
  }),
);

export const createInvitation = defineCommand(
  "admin.invitation.create",
  ({ uses, validHours, className }, { session }, { invitations, clock }: AdminCommandDeps) => {
    const nowMs = clock.now();
    const expiresAtMs = nowMs + validHours * HOUR_MS;
    const invitation = { uses, className, expiresAtMs, createdBy: session.userId };
    return { invitation: invitations.create(invitation, nowMs) };
  },
);

export const revokeInvitation = defineCommand(
  "admin.invitation.revoke",
  ({ invitationId }, _caller, { invitations, clock }: AdminCommandDeps) => {
    if (!invitations.revoke(invitationId, clock.now()))
      throw new AppError("not_found", "No such invitation, or it no longer works");
    return {};
  },
);
