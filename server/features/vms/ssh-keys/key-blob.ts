/** Pure: reads a public key in OpenSSH form (RFC 4253, section 6.6) and gives its type and fingerprint. */
import { createHash } from "node:crypto";
import { AppError } from "../../../core/errors.ts";

export interface ParsedKey {
  readonly type: string;
  /** As `ssh-keygen -l` prints it. */
  readonly fingerprint: string;
  /** In one line, without options; the comment may hold an address and is kept as it came. */
  readonly publicKey: string;
}

/** Parts after the name of the type; a blob with more or fewer is not a key of that type. */
const partCounts: Readonly<Record<string, number>> = {
  "ssh-ed25519": 1,
  "ssh-rsa": 2,
  "ecdsa-sha2-nistp256": 2,
  "ecdsa-sha2-nistp384": 2,
  "ecdsa-sha2-nistp521": 2,
  "sk-ssh-ed25519@openssh.com": 2,
  "sk-ecdsa-sha2-nistp256@openssh.com": 3,
};
const ED25519_BYTES = 32;
/** Below it a key can be broken; OpenSSH refuses them too. */
const RSA_LEAST_BITS = 2_048;

export function parseKey(line: string): ParsedKey {
  const [type = "", base64 = "", ...comment] = line.trim().split(" ");
  const blob = Buffer.from(base64, "base64");
  const [name, ...parts] = partsOf(blob);
  const isWhole = blob.toString("base64").replace(/=+$/, "") === base64.replace(/=+$/, "");
  if (!isWhole || name?.toString("latin1") !== type || parts.length !== partCounts[type]) throw notAKey();
  if (type === "ssh-ed25519" && parts[0]?.length !== ED25519_BYTES) throw notAKey();
  if (type === "ssh-rsa" && bitsOf(parts[1]) < RSA_LEAST_BITS)
    throw new AppError("invalid_input", `publicKey must be an RSA key of at least ${RSA_LEAST_BITS} bits`, {
      field: "publicKey",
    });
  const digest = createHash("sha256").update(blob).digest("base64").replace(/=+$/, "");
  return { type, fingerprint: `SHA256:${digest}`, publicKey: [type, base64, ...comment].join(" ").trim() };
}

/** Length-prefixed strings, to the last byte; nothing when it does not come out even. */
function partsOf(blob: Buffer): Buffer[] {
  const parts: Buffer[] = [];
  let at = 0;
  while (at < blob.length) {
    if (at + 4 > blob.length) return [];
    const end = at + 4 + blob.readUInt32BE(at);
    if (end > blob.length) return [];
    parts.push(blob.subarray(at + 4, end));
    at = end;
  }
  return parts;
}

/** Of a positive `mpint`: a leading zero byte only keeps it positive. */
function bitsOf(number: Buffer | undefined): number {
  const digits = number?.[0] === 0 ? number.subarray(1) : number;
  const first = digits?.[0];
  return digits === undefined || first === undefined ? 0 : digits.length * 8 - Math.clz32(first) + 24;
}

function notAKey(): AppError {
  const message = "publicKey must be a whole public key in OpenSSH form, as in a .pub file";
  return new AppError("invalid_input", message, { field: "publicKey" });
}
