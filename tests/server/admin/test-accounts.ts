/** Accounts as administration sees them, on the same table but without hashing and sessions. */
import { and, eq, isNull } from "drizzle-orm";
import type { UserId } from "#protocol";
import type { Db } from "../../../db/client.ts";
import { users } from "../../../db/schema/index.ts";
import type {
  AccountAdmin,
  AccountChange,
  AccountListener,
  NewAccount,
} from "../../../server/core/accounts.ts";
import type { Clock } from "../../../server/core/clock.ts";
import { AppError } from "../../../server/core/errors.ts";

export class TestAccounts implements AccountAdmin {
  /** Users whose sessions were ended, in order. */
  readonly ended: UserId[] = [];
  /** Called before an account is made. */
  beforeCreate: (account: NewAccount) => void = () => undefined;
  #made = 0;

  constructor(
    private readonly db: Db,
    private readonly clock: Clock,
    private readonly listener: AccountListener,
  ) {}

  create(account: NewAccount) {
    this.beforeCreate(account);
    const { password, ...values } = account;
    const userId = this.db.tx(() => {
      const row = this.db.orm
        .insert(users)
        .values({ ...values, passwordHash: "-", createdAtMs: this.clock.now() })
        .onConflictDoNothing()
        .returning({ id: users.id })
        .get();
      if (!row) throw new AppError("conflict", "This username is taken", { field: "username" });
      this.listener.created(row.id, values.username);
      return row.id;
    });
    this.#made += 1;
    return Promise.resolve({ userId, oneTimePassword: password === null ? `one-time-${this.#made}` : null });
  }

  update(userId: UserId, change: AccountChange): void {
    const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
    if (Object.keys(given).length > 0) this.db.orm.update(users).set(given).where(this.#is(userId)).run();
    if (change.active === false) this.ended.push(userId);
  }

  resetPassword(userId: UserId): Promise<string> {
    this.ended.push(userId);
    return Promise.resolve("one-time-again");
  }

  endSessions(userId: UserId): number {
    this.ended.push(userId);
    return 1;
  }

  remove(userId: UserId): void {
    const gone = { deletedAtMs: this.clock.now(), active: false };
    this.db.orm.update(users).set(gone).where(this.#is(userId)).run();
  }

  #is(userId: UserId) {
    return and(eq(users.id, userId), isNull(users.deletedAtMs));
  }
}
