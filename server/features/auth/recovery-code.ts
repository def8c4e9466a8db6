/** Codes for the day the phone is lost: 80 random bits each, written down by a person, stored as a hash. */

/** RFC 4648's alphabet: no 0, 1, 8 or 9, which look like letters. */
const ALPHABET = "abcdefghijklmnopqrstuvwxyz234567";
const CODE_COUNT = 8;
const CODE_LENGTH = 16;
const CODE = /^[a-z2-7]{16}$/;

/** As it was made, however it was typed. */
const plain = (code: string) => code.toLowerCase().replaceAll(/[\s-]/g, "");

export const isRecoveryCode = (code: string) => CODE.test(plain(code));

/** A fast hash: nobody guesses 80 bits. */
export const recoveryCodeHash = (code: string) =>
  new Bun.CryptoHasher("sha256").update(plain(code)).digest("hex");

export function makeRecoveryCodes(): string[] {
  return Array.from({ length: CODE_COUNT }, () => {
    // 32 signs: every byte favours none of them.
    const signs = [...crypto.getRandomValues(new Uint8Array(CODE_LENGTH))].map((byte) =>
      ALPHABET.charAt(byte % 32),
    );
    return signs.join("").replaceAll(/.{4}(?=.)/g, "$&-");
  });
}
