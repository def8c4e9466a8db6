/** A password that somebody reads from paper, types once and replaces. */

/** 31 signs that nobody confuses: no 0 and o, no 1, l and i. */
const ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789";
const GROUPS = 4;
const GROUP_LENGTH = 4;
/** The largest multiple of the alphabet in a byte: what is above would favour some signs. */
const FAIR_BELOW = Math.floor(256 / ALPHABET.length) * ALPHABET.length;

function randomSign(): string {
  for (;;) {
    const [byte = 255] = crypto.getRandomValues(new Uint8Array(1));
    if (byte < FAIR_BELOW) return ALPHABET.charAt(byte % ALPHABET.length);
  }
}

/** 16 signs, 79 bits. */
export function makeOneTimePassword(): string {
  const group = () => Array.from({ length: GROUP_LENGTH }, randomSign).join("");
  return Array.from({ length: GROUPS }, group).join("-");
}
