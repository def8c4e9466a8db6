/** Hears of every change of every domain from libvirt, and keeps hearing after libvirtd was restarted. */
import type { Clock } from "../../core/clock.ts";
import type { Disposable } from "../../core/disposable.ts";
import type { Log } from "../../core/log.ts";
import { type Virsh, virshEnv } from "./virsh.ts";

const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 15_000;
/** `virsh event` does not say when it has begun to listen; within this time it has. */
const SETTLE_MS = 500;

export interface DomainEvent {
  readonly domain: string;
  /** libvirt's words, e.g. `Started Booted`. */
  readonly what: string;
}

export interface DomainEventListener {
  onEvent(event: DomainEvent): void;
  /** Listening began, again or for the first time: what happened before was not heard, so look at everything. */
  onConnected(): void;
}

export function parseDomainEvent(line: string): DomainEvent | null {
  const match = /event 'lifecycle' for domain '([^']+)': (.+)$/.exec(line);
  return match?.[1] !== undefined && match[2] !== undefined
    ? { domain: match[1], what: match[2].trim() }
    : null;
}

export function watchDomainEvents(
  virsh: Virsh,
  deps: { readonly clock: Clock; readonly log: Log },
  listener: DomainEventListener,
): Disposable {
  let child: Bun.Subprocess<"ignore", "pipe", "pipe"> | null = null;
  let retry: Disposable | null = null;
  let ended = false;
  let failures = 0;

  const later = () => {
    if (ended) return;
    const waitMs = Math.min(FIRST_RETRY_MS * 2 ** failures++, LONGEST_RETRY_MS);
    retry = deps.clock.after(waitMs, () => void listen());
  };

  async function listen(): Promise<void> {
    retry = null;
    // `virsh event` waits in silence where there is no daemon to hear from: ask first.
    const there = await virsh.ask("domstats", "--state", "--list-running");
    if (ended) return;
    if (!there.ok) return later();
    try {
      child = Bun.spawn(virsh.argv("event", "--event", "lifecycle", "--loop"), {
        env: virshEnv(),
        stdin: "ignore",
        stdout: "pipe",
        stderr: "pipe",
      });
    } catch (error) {
      deps.log.warn({ err: error }, "cannot listen to libvirt");
      return later();
    }
    const connectedAt = deps.clock.now();
    const complaint = new Response(child.stderr).text();
    const settled = deps.clock.after(SETTLE_MS, () => listener.onConnected());
    await readLines(child.stdout, (line) => {
      const event = parseDomainEvent(line);
      if (event) listener.onEvent(event);
    });
    await child.exited;
    child = null;
    settled.dispose();
    if (ended) return;
    // A connection that held for a while was a good one: begin anew with the short wait.
    if (deps.clock.now() - connectedAt > LONGEST_RETRY_MS) failures = 0;
    deps.log.warn({ detail: (await complaint).trim() }, "libvirt is gone, listening again soon");
    later();
  }

  void listen();
  return {
    async dispose() {
      ended = true;
      retry?.dispose();
      child?.kill("SIGKILL");
      await child?.exited;
    },
  };
}

/** Far above any line that means something; a program that never ends its line must not fill our memory. */
const LONGEST_LINE_CHARS = 16_000;

/** Pause after each piece that nobody hears: the pipe fills and slows the program, instead of our memory filling. */
const UNHEARD_PAUSE_MS = 50;

/**
 * Calls `onLine` for every whole line, without what is too much of it; ends with the stream.
 * What comes while `isHeard` says no is read slowly and thrown away.
 */
export async function readLines(
  stream: ReadableStream<Uint8Array>,
  onLine: (line: string) => void,
  isHeard: () => boolean = () => true,
): Promise<void> {
  const decoder = new TextDecoder();
  let line = "";
  for await (const bytes of stream) {
    if (!isHeard()) {
      line = "";
      await Bun.sleep(UNHEARD_PAUSE_MS);
      continue;
    }
    for (const [index, part] of decoder.decode(bytes, { stream: true }).split("\n").entries()) {
      if (index > 0) {
        onLine(line);
        line = "";
      }
      if (line.length < LONGEST_LINE_CHARS) line += part.slice(0, LONGEST_LINE_CHARS - line.length);
    }
  }
  if (line !== "") onLine(line);
}
