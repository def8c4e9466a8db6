/** Programs that run until they are interrupted; they wait for the terminal, so a slow one slows them. */
import type { Guest } from "../guest.ts";
import { pass, type Pace } from "../life-cycle.ts";
import type { Outlet } from "./outlet.ts";

interface LiveRun {
  readonly args: readonly string[];
  readonly outlet: Outlet;
  readonly guest: Guest;
  readonly pace: Pace;
  readonly signal: AbortSignal;
}

/** One write of `yes`, like a pipe's buffer. */
const YES_BLOCK_BYTES = 16 * 1024;

async function yes({ args, outlet, signal }: LiveRun): Promise<number> {
  const line = `${args.length > 0 ? args.join(" ") : "y"}\n`;
  const block = line.repeat(Math.max(1, Math.floor(YES_BLOCK_BYTES / line.length)));
  while (!signal.aborted) {
    outlet.print(block);
    await outlet.drained();
  }
  return 130;
}

async function ping({ args, outlet, guest, pace, signal }: LiveRun): Promise<number> {
  const at = args.indexOf("-c");
  const wanted = at >= 0 ? Number(args[at + 1]) : Number.POSITIVE_INFINITY;
  const host = args.findLast((arg, n) => !arg.startsWith("-") && (at < 0 || n !== at + 1));
  if (host === undefined || !(wanted > 0)) {
    outlet.print("Usage: ping [-c count] destination\n");
    return 2;
  }
  const address = localAddress(host, guest);
  if (address === null) {
    outlet.print(`ping: ${host}: a simulated machine reaches no other host\n`);
    return 2;
  }
  outlet.print(`PING ${host} (${address}) 56(84) bytes of data.\n`);
  let sent = 0;
  while (sent < wanted) {
    sent += 1;
    const ms = (0.03 + ((sent * 7) % 11) / 500).toFixed(3);
    outlet.print(`64 bytes from ${address}: icmp_seq=${sent} ttl=64 time=${ms} ms\n`);
    if (sent === wanted) break;
    await pass(1_000, signal, { ...pace, speed: 1 }).catch(() => {});
    if (signal.aborted) outlet.print("^C\n");
    if (signal.aborted) break;
  }
  outlet.print(
    `\n--- ${host} ping statistics ---\n${sent} packets transmitted, ${sent} received, 0% packet loss\n`,
  );
  return 0;
}

function localAddress(host: string, { info }: Guest): string | null {
  if (host === "localhost" || host === "127.0.0.1") return "127.0.0.1";
  return host === info.name || host === info.ip ? info.ip : null;
}

export const livePrograms = { yes, ping };
