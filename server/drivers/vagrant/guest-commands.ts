/** What the driver does inside a guest, by ssh: keys, the start-up script, an identity of its own for a copy. */
import { readFile } from "node:fs/promises";
import { childEnvironment } from "../../core/child-environment.ts";
import { AppError } from "../../core/errors.ts";
import { explainFailure } from "../virsh/explain-failure.ts";
import { readLines } from "../virsh/domain-events.ts";
import type { DriverRun } from "../vm-driver.ts";
import { machinePaths } from "./machine-folder.ts";
import { type SshTarget, sshArgv } from "./ssh.ts";

export interface GuestCommand {
  /** One line for the guest's shell. */
  readonly command: string;
  readonly input: string;
  onLine(stream: "info" | "error", line: string): void;
}

type Reports = Pick<DriverRun, "program" | "signal">;

/** Resolves with the exit code; 255 when the connection broke. Contents go by standard input, never by an argument. */
export async function runInGuest(
  target: SshTarget,
  { command, input, onLine }: GuestCommand,
  { program, signal }: Reports,
): Promise<number> {
  const argv = [...sshArgv(target, "pinned"), command];
  const ended = program(argv);
  const child = Bun.spawn(argv, {
    env: childEnvironment(),
    stdin: new Blob([input]),
    stdout: "pipe",
    stderr: "pipe",
    signal,
    killSignal: "SIGKILL",
  });
  const isHeard = () => true;
  await Promise.all([
    readLines(child.stdout, (line) => onLine("info", line), isHeard),
    readLines(child.stderr, (line) => onLine("error", line), isHeard),
  ]);
  await child.exited;
  ended(child.exitCode);
  signal.throwIfAborted();
  return child.exitCode ?? 255;
}

/** Throws with what the guest said. */
async function mustRun(target: SshTarget, command: string, input: string, run: Reports): Promise<void> {
  let said = "";
  const onLine = (_stream: string, line: string) => {
    said += `${line}\n`;
  };
  const exitCode = await runInGuest(target, { command, input, onLine }, run);
  if (exitCode === 0) return;
  throw new AppError("driver_failed", explainFailure(null, said || "SSHNotReady"), {
    detail: `ended with code ${exitCode} inside the VM\n${said}`,
  });
}

const WRITE_KEYS =
  "umask 077; mkdir -p ~/.ssh && cat >~/.ssh/new_keys && mv ~/.ssh/new_keys ~/.ssh/authorized_keys";

/** Replaces all keys of the login user by the driver's own and the owner's. */
export async function writeKeys(target: SshTarget, keys: readonly string[], run: Reports): Promise<void> {
  const own = (await readFile(`${machinePaths(target.folder).key}.pub`, "utf8")).trim();
  await mustRun(target, WRITE_KEYS, [own, ...keys].map((key) => `${key}\n`).join(""), run);
}

/** A session without a login shell has no paths of the administrator's programs. */
export const ROOT_PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** Both are names by their schemas, so nothing in them means anything to a shell. */
const prelude = ({ user }: SshTarget, name: string): string =>
  `export ${ROOT_PATH}\nNAME=${name}\nLOGIN=${user}\n`;

/** Published boxes come with published passwords, and with the name of nobody. */
const CLOSE_PUBLISHED = `for user in root "$LOGIN" vagrant; do
  usermod -p '*' "$user" 2>/dev/null || true
done
hostnamectl set-hostname "$NAME" 2>/dev/null || hostname "$NAME"
`;

export async function closePublishedDoors(target: SshTarget, name: string, run: Reports): Promise<void> {
  await mustRun(target, "sudo -n sh -s", `${prelude(target, name)}${CLOSE_PUBLISHED}`, run);
}

/** Keys of the SSH server and the id that addresses are given by: a copy must not pass for its original. */
const NEW_IDENTITY = `set -e
if [ -d /etc/dropbear ] && command -v dropbearkey >/dev/null; then
  rm -f /etc/dropbear/new_key
  dropbearkey -t ed25519 -f /etc/dropbear/new_key >/dev/null 2>&1
  mv /etc/dropbear/new_key /etc/dropbear/ed25519_host_key
  sync
  # Init starts it again; this session's own process stays.
  kill "$(cat /run/dropbear.pid)"
  exit 0
fi
for file in /etc/ssh/ssh_host_*_key; do
  type=\${file#/etc/ssh/ssh_host_}
  rm -f "$file" "$file.pub"
  ssh-keygen -q -t "\${type%_key}" -N "" -f "$file"
done
hostnamectl set-hostname "$NAME" 2>/dev/null || hostname "$NAME"
if command -v systemd-machine-id-setup >/dev/null; then
  rm -f /etc/machine-id /var/lib/dbus/machine-id
  systemd-machine-id-setup >/dev/null 2>&1
fi
sync
systemctl restart ssh 2>/dev/null || systemctl restart sshd
`;

export async function giveNewIdentity(target: SshTarget, name: string, run: Reports): Promise<void> {
  await mustRun(target, "sudo -n sh -s", `${prelude(target, name)}${NEW_IDENTITY}`, run);
}

/** A guest that slept in a snapshot believes it is still then. Not being able to tell it is no failure. */
export async function tellTime(target: SshTarget, nowMs: number, run: Reports): Promise<void> {
  const command = `sudo -n date -u -s @${Math.floor(nowMs / 1_000)}`;
  await runInGuest(target, { command, input: "", onLine() {} }, run);
}
