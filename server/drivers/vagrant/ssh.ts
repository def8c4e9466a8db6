/** The system's OpenSSH client towards one VM: its own key, its pinned host key, nothing of the user's configuration. */
import { childEnvironment } from "../../core/child-environment.ts";
import type { Clock } from "../../core/clock.ts";
import { AppError } from "../../core/errors.ts";
import { explainFailure } from "../virsh/explain-failure.ts";
import { pause } from "../deadline.ts";
import { machinePaths } from "./machine-folder.ts";

/** A guest that is there answers on the bridge within milliseconds; an emulated one under load within a second. */
const BANNER_TIMEOUT_MS = 2_000;
const BETWEEN_TRIES_MS = 250;

export interface SshTarget {
  readonly folder: string;
  /** The name the host key is pinned under: addresses change, domains do not. */
  readonly domain: string;
  readonly ip: string;
  /** Who logs in. */
  readonly user: string;
  /** Instead of the key of the folder. */
  readonly identityFile?: string;
}

/** ssh replaces tokens such as %h in file names. */
const literal = (path: string): string => path.replaceAll("%", "%%");

/** `pin` takes the host key of the first boot; ever after only that key is trusted. */
export function sshArgv(
  { folder, domain, ip, user, identityFile }: SshTarget,
  mode: "pin" | "pinned",
): string[] {
  const paths = machinePaths(folder);
  const options = {
    BatchMode: "yes",
    IdentityFile: literal(identityFile ?? paths.key),
    IdentitiesOnly: "yes",
    IdentityAgent: "none",
    PreferredAuthentications: "publickey",
    UserKnownHostsFile: literal(paths.knownHosts),
    GlobalKnownHostsFile: "/dev/null",
    StrictHostKeyChecking: mode === "pin" ? "accept-new" : "yes",
    UpdateHostKeys: "no",
    HashKnownHosts: "no",
    CheckHostIP: "no",
    HostKeyAlias: domain,
    ForwardAgent: "no",
    ForwardX11: "no",
    ClearAllForwardings: "yes",
    PermitLocalCommand: "no",
    ControlMaster: "no",
    ControlPath: "none",
    EscapeChar: "none",
    LogLevel: "ERROR",
    ConnectTimeout: "10",
    ServerAliveInterval: "10",
    ServerAliveCountMax: "3",
  };
  // Quoted, because ssh splits values of options at blanks.
  const flags = Object.entries(options).flatMap(([name, value]) => ["-o", `${name}="${value}"`]);
  return ["ssh", "-F", "/dev/null", ...flags, "-l", user, ip];
}

/** True when something at that address greets as an SSH server does. */
export async function answersBySsh(ip: string, clock: Clock): Promise<boolean> {
  const greeted = Promise.withResolvers<boolean>();
  const timer = clock.after(BANNER_TIMEOUT_MS, () => greeted.resolve(false));
  const connecting = Bun.connect({
    hostname: ip,
    port: 22,
    socket: {
      data: (_socket, bytes) => greeted.resolve(bytes.toString("latin1").startsWith("SSH-")),
      error: () => greeted.resolve(false),
      connectError: () => greeted.resolve(false),
      close: () => greeted.resolve(false),
    },
  }).catch(() => null);
  const answer = await greeted.promise;
  timer.dispose();
  // A connection that is still being made is dropped once it is there.
  void connecting.then((socket) => socket?.terminate());
  return answer;
}

/** Logs in once: proves that the key is accepted and that the host key is the pinned one. */
export async function logIn(target: SshTarget, mode: "pin" | "pinned", signal: AbortSignal): Promise<void> {
  const child = Bun.spawn([...sshArgv(target, mode), "true"], {
    env: childEnvironment(),
    stdin: "ignore",
    stdout: "ignore",
    stderr: "pipe",
    signal,
    killSignal: "SIGKILL",
  });
  const complaint = (await new Response(child.stderr).text()).trim();
  if ((await child.exited) === 0) return;
  signal.throwIfAborted();
  throw new AppError("driver_failed", explainFailure(null, complaint || "SSHNotReady"), {
    detail: complaint,
  });
}

/** Waits until the machine has an address and lets us in; gives the address. */
export async function untilReachable(
  findIp: () => Promise<string | null>,
  target: Omit<SshTarget, "ip">,
  mode: "pin" | "pinned",
  deps: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<string> {
  for (;;) {
    const ip = await findIp();
    if (ip !== null && (await answersBySsh(ip, deps.clock))) {
      await logIn({ ...target, ip }, mode, deps.signal);
      return ip;
    }
    await pause(deps.clock, BETWEEN_TRIES_MS, deps.signal);
  }
}
