/** Shells inside machines: ssh on a pseudo-terminal, ended together with their machine. */
import { AppError } from "../../core/errors.ts";
import { openPty } from "../pty.ts";
import type { TerminalSize, TerminalStream, VmRef } from "../vm-driver.ts";
import { type Host, locate } from "./host.ts";
import { loginOf } from "./machine-folder.ts";
import { answersBySsh, sshArgv } from "./ssh.ts";

export interface OpenTerminals {
  add(domain: string, stream: TerminalStream): void;
  close(domain: string): void;
  closeAll(): void;
}

export function createOpenTerminals(): OpenTerminals {
  const open = new Map<string, Set<TerminalStream>>();
  const close = (domain: string) => {
    for (const stream of open.get(domain) ?? []) stream.close();
  };
  return {
    add(domain, stream) {
      const streams = open.get(domain) ?? new Set();
      open.set(domain, streams.add(stream));
      void stream.exited.finally(() => {
        streams.delete(stream);
        if (streams.size === 0 && open.get(domain) === streams) open.delete(domain);
      });
    },
    close,
    closeAll() {
      for (const domain of [...open.keys()]) close(domain);
    },
  };
}

export async function openShell(
  host: Host,
  terminals: OpenTerminals,
  ref: VmRef,
  size: TerminalSize,
  onData: (bytes: Uint8Array) => void,
): Promise<TerminalStream> {
  const { domain, folder } = locate(host, ref);
  const state = await host.domains.state(domain);
  if (state !== "running")
    throw new AppError(
      "conflict",
      state === "absent" ? "The machine does not exist" : "The VM is not running",
    );
  const ip = await host.domains.ip(domain);
  if (ip === null || !(await answersBySsh(ip, host.clock)))
    throw new AppError("conflict", "The VM does not answer by SSH; it may still be booting");
  const [program = "ssh", ...argv] = sshArgv({ folder, domain, ip, user: await loginOf(folder) }, "pinned");
  const stream = openPty([program, "-tt", ...argv], {
    // No agent and no askpass of whoever runs the server.
    env: { SSH_AUTH_SOCK: undefined, SSH_ASKPASS: undefined, DISPLAY: undefined, LC_ALL: "C.UTF-8" },
    cwd: folder,
    size,
    onData,
  });
  terminals.add(domain, stream);
  return stream;
}
