/** `totp.*`: the second factor, each step with the password or a code. */
import type { Caller, Session } from "../../../core/caller.ts";
import { defineCommand } from "../../../core/command.ts";
import { AppError } from "../../../core/errors.ts";
import { tellOwner } from "../account-events.ts";
import type { AuthDeps } from "../deps.ts";
import { withCode, withPassword, wrongCode } from "../prove.ts";
import type { UserRow } from "../user-repo.ts";

const alreadyOn = () => new AppError("conflict", "The second factor is on; switch it off first");

function tell(caller: Caller<Session>, deps: AuthDeps, name: string, message: string): void {
  const { userId, username } = caller.session;
  deps.log.info({ event: name, userId });
  tellOwner({ userId, username, name, message, severity: "warning" }, caller, deps);
}

export const beginTotp = defineCommand("totp.begin", ({ password }, caller, deps: AuthDeps) =>
  withPassword({ password, field: "password" }, caller, deps, (user) => {
    if (user.totpEnabledAtMs !== null) throw alreadyOn();
    return deps.secondFactor.begin(user);
  }),
);

export const confirmTotp = defineCommand("totp.confirm", async ({ code }, caller, deps: AuthDeps) => {
  const recoveryCodes = await withCode(caller, deps, (user) => {
    if (user.totpEnabledAtMs !== null) throw alreadyOn();
    if (user.totpSecret === null) throw new AppError("conflict", "Begin with a new secret first");
    const codes = deps.secondFactor.confirm(user, code, deps.clock.now());
    if (codes === null) throw wrongCode();
    return codes;
  });
  tell(caller, deps, "account.second_factor.on", "The second factor was switched on");
  return { recoveryCodes };
});

function useCode(user: UserRow, code: string, deps: AuthDeps): void {
  if (user.totpEnabledAtMs === null) throw new AppError("conflict", "The second factor is off");
  if (!deps.secondFactor.accept(user, code, deps.clock.now())) throw wrongCode();
}

export const removeTotp = defineCommand("totp.remove", async ({ password, code }, caller, deps: AuthDeps) => {
  await withPassword({ password, field: "password" }, caller, deps, (user) => {
    useCode(user, code, deps);
    deps.secondFactor.remove(user.id);
  });
  tell(caller, deps, "account.second_factor.off", "The second factor was switched off");
  return {};
});

export const renewRecoveryCodes = defineCommand(
  "totp.recoveryCodes",
  async ({ password, code }, caller, deps: AuthDeps) => {
    const recoveryCodes = await withPassword({ password, field: "password" }, caller, deps, (user) => {
      useCode(user, code, deps);
      return deps.secondFactor.renewRecoveryCodes(user.id);
    });
    tell(caller, deps, "account.recovery_codes.renewed", "New recovery codes replaced the old ones");
    return { recoveryCodes };
  },
);
