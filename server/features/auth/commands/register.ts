/** `auth.register`: makes an account and opens its first session, as far as the cloud lets strangers in. */
import { defineCommand } from "../../../core/command.ts";
import { AppError } from "../../../core/errors.ts";
import { ADMIN_NAME } from "../admin-account.ts";
import type { AuthDeps } from "../deps.ts";
import { addSession, toLoginResult } from "../open-session.ts";

const taken = () => new AppError("conflict", "This user name is taken", { field: "username" });

function refuseStrangers(invitation: string | undefined, { cloud }: AuthDeps): void {
  const { registration } = cloud.get();
  if (registration === "closed")
    throw new AppError("forbidden", "Registration is closed here; an administrator can make you an account");
  if (registration === "invitation" && invitation === undefined)
    throw new AppError("forbidden", "Registration needs an invitation link here", { field: "invitation" });
}

/** The class that comes with the invitation. Call it in the transaction that makes the account. */
function useInvitation(invitation: string | undefined, deps: AuthDeps): string | null {
  if (invitation === undefined) return null;
  const accepted = deps.invitations.consume(invitation, deps.clock.now());
  if (accepted === null)
    throw new AppError("forbidden", "This invitation is used up, revoked or expired", {
      field: "invitation",
    });
  return accepted.className;
}

export const register = defineCommand(
  "auth.register",
  async ({ username, password, invitation }, caller, deps: AuthDeps) => {
    await deps.throttle.register(caller.remoteAddress);
    refuseStrangers(invitation, deps);
    // Reserved even before it exists: whoever registers first must not become the face of the administrator.
    if (username === ADMIN_NAME || deps.users.findByName(username) !== null) throw taken();

    const passwordHash = await deps.passwords.hash(password);
    const opened = deps.tx(() => {
      refuseStrangers(invitation, deps);
      const className = useInvitation(invitation, deps);
      const createdAtMs = deps.clock.now();
      const user = deps.users.add({ username, passwordHash, role: "user", className, createdAtMs });
      // Somebody else registered the name while we hashed.
      if (user === null) throw taken();
      deps.accounts.created(user.id, username);
      return addSession(user, caller, deps);
    });
    deps.log.info({ event: "auth.registered", userId: opened.user.id, from: caller.remoteAddress });
    return toLoginResult(opened, deps);
  },
);
