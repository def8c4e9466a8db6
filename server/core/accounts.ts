/** What administration asks of accounts. Implemented by features/auth, which alone knows passwords and sessions. */
import type { Role, UserId } from "#protocol";

export interface NewAccount {
  readonly username: string;
  /** Null: one is made, and must be changed at the first log-in. */
  readonly password: string | null;
  readonly role: Role;
  readonly className: string | null;
  readonly email: string | null;
  readonly expiresAtMs: number | null;
}

export interface AccountChange {
  readonly active?: boolean | undefined;
  readonly role?: Role | undefined;
  readonly className?: string | null | undefined;
  readonly email?: string | null | undefined;
  readonly expiresAtMs?: number | null | undefined;
}

export interface AccountAdmin {
  /** Throws `conflict` on `username` when the name is taken. */
  create(account: NewAccount): Promise<{ readonly userId: UserId; readonly oneTimePassword: string | null }>;
  /**
   * Rights count from now on, open sockets included. Throws `not_found`, and `conflict` for what would leave the
   * cloud without an active administrator.
   */
  update(userId: UserId, change: AccountChange): void;
  /** A one-time password; every session and API token ends, the second factor is off. */
  resetPassword(userId: UserId): Promise<string>;
  /** Ends every session, socket and API token of a user; gives how many sessions. */
  endSessions(userId: UserId): number;
  /** The row stays for the evidence that refers to it; nobody can log in by it and its name is free. */
  remove(userId: UserId): void;
}

/** What happens elsewhere with an account. Called inside the transaction that writes it. */
export interface AccountListener {
  created(userId: UserId, username: string): void;
}
