/** What the commands of this feature work with. */
import type { AccountListener } from "../../core/accounts.ts";
import type { Bus } from "../../core/bus.ts";
import type { Clock } from "../../core/clock.ts";
import type { CloudSettingsSource } from "../../core/cloud-settings.ts";
import type { EventLog } from "../../core/event-log.ts";
import type { Log } from "../../core/log.ts";
import type { Db } from "../../../db/client.ts";
import type { ApiTokenRepo } from "./api-token-repo.ts";
import type { LoginThrottle } from "./login-throttle.ts";
import type { PasswordHasher } from "./password-hasher.ts";
import type { SecondFactor } from "./second-factor.ts";
import type { SessionRepo } from "./session-repo.ts";
import type { SettingRepo } from "./setting-repo.ts";
import type { TokenSigner } from "./token-signer.ts";
import type { UserRepo } from "./user-repo.ts";

/** What a registration needs of invitations. */
export interface InvitationBook {
  /** Takes one use, inside the transaction that makes the account. Null for a code that does not work. */
  consume(code: string, nowMs: number): { readonly className: string | null } | null;
}

export interface AuthDeps {
  readonly tx: Db["tx"];
  readonly users: UserRepo;
  readonly sessions: SessionRepo;
  readonly apiTokens: ApiTokenRepo;
  readonly secondFactor: SecondFactor;
  readonly settings: SettingRepo;
  readonly passwords: PasswordHasher;
  readonly tokens: TokenSigner;
  readonly throttle: LoginThrottle;
  /** Told of every new account, in its transaction. */
  readonly accounts: AccountListener;
  readonly cloud: CloudSettingsSource;
  readonly invitations: InvitationBook;
  readonly events: EventLog;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly log: Log;
  readonly sessionLifetimeMs: number;
}
