/** A user's public SSH keys; they are put into every VM the user makes, so that plain `ssh` works. */
import { z } from "zod";
import { command } from "./command-spec.ts";
import { line } from "./fields.ts";
import { epochMs, sshKeyId } from "./ids.ts";

/** RFC 4253 key blobs in the one-line form of OpenSSH; options before the key would run commands. */
const keyRule =
  "one public key in OpenSSH form: ssh-ed25519, ecdsa-sha2-nistp256/384/521 or ssh-rsa, no options";
export const publicKey = z
  .string(keyRule)
  .trim()
  .max(2_000, keyRule)
  .regex(
    /^(ssh-ed25519|ecdsa-sha2-nistp(256|384|521)|ssh-rsa|sk-ssh-ed25519@openssh\.com|sk-ecdsa-sha2-nistp256@openssh\.com) [A-Za-z0-9+/]{40,1600}={0,3}( [^\p{Cc}]{0,200})?$/u,
    keyRule,
  );

export const sshKeyView = z.object({
  id: sshKeyId,
  name: z.string(),
  type: z.string(),
  /** `SHA256:...`, as `ssh-keygen -l` prints it. */
  fingerprint: z.string(),
  publicKey: z.string(),
  createdAtMs: epochMs,
});
export type SshKeyView = z.infer<typeof sshKeyView>;

export const sshKeyCommands = {
  "sshkey.list": command({
    summary: "Your SSH keys",
    access: "user",
    effect: "read",
    input: z.strictObject({}),
    output: z.object({ keys: z.array(sshKeyView) }),
    rest: { method: "GET", path: "/api/ssh-keys" },
  }),
  "sshkey.add": command({
    summary: "Add an SSH key; VMs that run get it at once, others at their next start",
    access: "user",
    effect: "write",
    input: z.strictObject({ name: line(1, 64), publicKey }),
    output: z.object({ key: sshKeyView }),
    rest: { method: "POST", path: "/api/ssh-keys", status: 201 },
  }),
  "sshkey.remove": command({
    summary: "Remove an SSH key from your account and your VMs",
    access: "user",
    effect: "write",
    input: z.strictObject({ sshKeyId }),
    output: z.object({}),
    rest: { method: "DELETE", path: "/api/ssh-keys/{sshKeyId}" },
  }),
} as const;
