/** Seals what must not be readable in a copy of the database: AES-256-GCM by a key derived from the server's secret. */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";

const ALGORITHM = "aes-256-gcm";
const KEY_BYTES = 32;
/** The size NIST SP 800-38D recommends; random ones are safe for far more messages than a cloud ever stores. */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

export interface Vault {
  /** `owner` is bound to it: what was sealed for one row cannot be moved to another. */
  seal(text: string, owner: string): string;
  /** Null when the secret of the server or the owner is another one. */
  open(sealed: string, owner: string): string | null;
}

/** `purpose` keeps keys of different uses apart. */
export function createVault(secret: string, purpose: string): Vault {
  const key = Buffer.from(hkdfSync("sha256", secret, "", `twarga ${purpose}`, KEY_BYTES));
  return {
    seal(text, owner) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv(ALGORITHM, key, nonce).setAAD(Buffer.from(owner));
      const body = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
      return Buffer.concat([nonce, cipher.getAuthTag(), body]).toString("base64url");
    },
    open(sealed, owner) {
      const bytes = Buffer.from(sealed, "base64url");
      if (bytes.length < NONCE_BYTES + TAG_BYTES) return null;
      const nonce = bytes.subarray(0, NONCE_BYTES);
      const tag = bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES);
      try {
        const decipher = createDecipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES })
          .setAAD(Buffer.from(owner))
          .setAuthTag(tag);
        return (
          decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES), undefined, "utf8") + decipher.final("utf8")
        );
      } catch {
        // The tag does not fit: the only way GCM tells of a wrong key.
        return null;
      }
    },
  };
}
