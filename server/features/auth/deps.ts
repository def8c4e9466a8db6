/** What the commands of this feature work with. */
import type { Bus } from "../../core/bus.ts";
import type { Clock } from "../../core/clock.ts";
import type { Log } from "../../core/log.ts";
import type { Db } from "../../../db/client.ts";
import type { LoginThrottle } from "./login-throttle.ts";
import type { PasswordHasher } from "./password-hasher.ts";
import type { SessionRepo } from "./session-repo.ts";
import type { SettingRepo } from "./setting-repo.ts";
import type { TokenSigner } from "./token-signer.ts";
import type { UserRepo } from "./user-repo.ts";

export interface AuthDeps {
  readonly tx: Db["tx"];
  readonly users: UserRepo;
  readonly sessions: SessionRepo;
  readonly settings: SettingRepo;
  readonly passwords: PasswordHasher;
  readonly tokens: TokenSigner;
  readonly throttle: LoginThrottle;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly log: Log;
  readonly sessionLifetimeMs: number;
}
