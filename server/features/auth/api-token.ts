/** The text of API tokens: a prefix that scanners of leaked secrets can look for, and 256 random bits. */

const TOKEN_PREFIX = "twc_";
const SECRET_BYTES = 32;
/** Enough to tell one's tokens apart; the 220 bits left are as good as 256. */
const SHOWN_CHARACTERS = 10;

export const isApiToken = (text: string) => text.startsWith(TOKEN_PREFIX);

/** A fast hash: there is nothing to guess in a random text of this length. */
export const apiTokenHash = (text: string) => new Bun.CryptoHasher("sha256").update(text).digest("hex");

export interface ApiTokenText {
  /** Shown once. */
  readonly secret: string;
  readonly prefix: string;
  readonly hash: string;
}

export function makeApiToken(): ApiTokenText {
  const random = crypto.getRandomValues(new Uint8Array(SECRET_BYTES));
  const secret = `${TOKEN_PREFIX}${random.toBase64({ alphabet: "base64url", omitPadding: true })}`;
  return { secret, prefix: secret.slice(0, SHOWN_CHARACTERS), hash: apiTokenHash(secret) };
}
