/** How an installation gets its first administrator: by a setting, or by a link that works once. */
import type { AuthDeps } from "./deps.ts";
import { endAccess } from "./end-access.ts";
import type { UserRow } from "./user-repo.ts";

export const ADMIN_NAME = "admin";
const SETUP_TOKEN_HASH = "setup_token_hash";
const SETUP_TOKEN_BYTES = 24;
/** Hash of the password that the setting gave last. */
const APPLIED_PASSWORD_HASH = "admin_password_hash";

export type AdminState =
  | { readonly kind: "ready" }
  | { readonly kind: "created" | "reset" | "unchanged" }
  /** Nobody is administrator yet; the token is shown to whoever starts the server, and kept nowhere. */
  | { readonly kind: "unclaimed"; readonly setupToken: string };

const sha256 = (text: string) => new Bun.CryptoHasher("sha256").update(text).digest("hex");

/** The setting stays in place over restarts; the password chosen in the account since then must outlive them too. */
async function isApplied(password: string, admin: UserRow, deps: AuthDeps): Promise<boolean> {
  const applied = deps.settings.get(APPLIED_PASSWORD_HASH);
  return (
    (await deps.passwords.verify(password, admin.passwordHash)) ||
    (applied !== null && (await deps.passwords.verify(password, applied)))
  );
}

async function applyPassword(password: string, deps: AuthDeps): Promise<AdminState> {
  const existing = deps.users.findByName(ADMIN_NAME);
  const isUsable =
    existing !== null && existing.active && existing.role === "admin" && existing.expiresAtMs === null;
  if (isUsable && (await isApplied(password, existing, deps))) return { kind: "unchanged" };

  const passwordHash = await deps.passwords.hash(password);
  return deps.tx(() => {
    deps.settings.remove(SETUP_TOKEN_HASH);
    deps.settings.set(APPLIED_PASSWORD_HASH, passwordHash);
    if (existing === null) {
      addAdmin(passwordHash, deps);
      return { kind: "created" };
    }
    const rights = { role: "admin", active: true, expiresAtMs: null, mustChangePassword: false } as const;
    deps.users.update(existing.id, { ...rights, passwordHash });
    // Whoever may set it owns the machine: this is also the way back for a lost authenticator.
    deps.secondFactor.remove(existing.id);
    endAccess(existing.id, deps);
    return { kind: "reset" };
  });
}

function addAdmin(passwordHash: string, deps: AuthDeps): UserRow | null {
  const createdAtMs = deps.clock.now();
  const admin = deps.users.add({ username: ADMIN_NAME, passwordHash, role: "admin", createdAtMs });
  if (admin !== null) deps.accounts.created(admin.id, admin.username);
  return admin;
}

/** Run once at start, before the port opens. */
export async function ensureAdmin(password: string | null, deps: AuthDeps): Promise<AdminState> {
  if (password !== null) {
    const state = await applyPassword(password, deps);
    const admin = deps.users.findByName(ADMIN_NAME);
    if (state.kind === "reset" && admin !== null) deps.bus.endSessions({ kind: "user", userId: admin.id });
    return state;
  }
  if (deps.users.hasAdmin()) return { kind: "ready" };
  const setupToken = crypto
    .getRandomValues(new Uint8Array(SETUP_TOKEN_BYTES))
    .toBase64({ alphabet: "base64url" });
  // Only its hash is stored: a stolen database does not give the link away. Links of earlier starts end here.
  deps.settings.set(SETUP_TOKEN_HASH, sha256(setupToken));
  return { kind: "unclaimed", setupToken };
}

export function isSetupToken(token: string, deps: AuthDeps): boolean {
  const stored = deps.settings.get(SETUP_TOKEN_HASH);
  // Both are digests, so the time of the comparison tells nothing about the token.
  return stored !== null && stored === sha256(token);
}

/** Call it inside a transaction: the token is used up together with the account it makes. Null when it was not first. */
export function claimAdmin(token: string, passwordHash: string, deps: AuthDeps): UserRow | null {
  if (!isSetupToken(token, deps)) return null;
  deps.settings.remove(SETUP_TOKEN_HASH);
  return addAdmin(passwordHash, deps);
}
