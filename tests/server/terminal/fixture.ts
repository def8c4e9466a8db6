/** The terminal feature over real shells on this host, with sockets that are objects: what they got can be looked at. */
import {
  type CommandInput,
  type CommandName,
  type EventOf,
  limits,
  type TerminalFrame,
  type TerminalId,
  userId,
  vmId,
  type VmState,
} from "#protocol";
import { createBus } from "../../../server/core/bus.ts";
import type { ClientChannel, Session } from "../../../server/core/caller.ts";
import { type Clock, systemClock } from "../../../server/core/clock.ts";
import { AppError } from "../../../server/core/errors.ts";
import { createLog } from "../../../server/core/log.ts";
import { openPty } from "../../../server/drivers/pty.ts";
import type { TerminalStream } from "../../../server/drivers/vm-driver.ts";
import { createTerminalFeature } from "../../../server/features/terminal/index.ts";

export async function until(what: string, fact: () => boolean, timeoutMs = 8_000): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!fact()) {
    if (performance.now() > deadline) throw new Error(`not in time: ${what}`);
    await Bun.sleep(2);
  }
}

export const owner = {
  sessionId: "s1",
  userId: userId.parse(1),
  username: "ada",
  role: "user",
  expiresAtMs: 9e15,
  kind: "login",
  scope: "write",
  mustChangePassword: false,
} as const;
export const stranger = { ...owner, sessionId: "s2", userId: userId.parse(2), username: "eve" } as const;
export const admin = {
  ...owner,
  sessionId: "s3",
  userId: userId.parse(3),
  username: "root",
  role: "admin",
} as const;
export const machine = { vmId: vmId.parse(5), ownerId: owner.userId, name: "web01" };

/** A browser tab with one terminal: draws what it gets at once, unless told otherwise. */
export class Tab implements ClientChannel {
  readonly frames: TerminalFrame[] = [];
  /** Output since the last restore, and all of it. */
  output: Buffer[] = [];
  received = 0;
  drawn = 0;
  /** Bytes that may be drawn; Infinity draws at once, 0 is a frozen tab. */
  draws = Number.POSITIVE_INFINITY;
  accepts = true;
  hash = new Bun.CryptoHasher("sha256");
  hashed = 0;
  readonly #drain = new Set<() => void>();
  readonly #close = new Set<() => void>();

  constructor(
    readonly id: string,
    private readonly ack: (bytes: number, channel: ClientChannel) => void,
  ) {}

  get text(): string {
    return Buffer.concat(this.output).toString();
  }
  /** The end of the text: enough to find an answer, cheap while a flood comes. */
  get tail(): string {
    const last: Buffer[] = [];
    for (let at = this.output.length - 1, size = 0; at >= 0 && size < 8_192; at--) {
      const part = this.output[at]?.subarray(-8_192) ?? Buffer.alloc(0);
      size += part.length;
      last.unshift(part);
    }
    return Buffer.concat(last).toString();
  }
  /** From here on `hash` and `hashed` count anew. */
  startHash(): void {
    this.hash = new Bun.CryptoHasher("sha256");
    this.hashed = 0;
  }

  get undrawn(): number {
    return this.received - this.drawn;
  }

  sendTerminal(frame: TerminalFrame): boolean {
    this.frames.push({ ...frame, payload: new Uint8Array(0) });
    if (frame.kind === "restore") this.output = [];
    else {
      this.hash.update(frame.payload);
      this.hashed += frame.payload.length;
    }
    this.output.push(Buffer.from(frame.payload));
    if (this.output.length > 4_000) this.output.splice(0, 2_000);
    this.received += frame.payload.length;
    // As in a browser, drawing comes later than receiving.
    setImmediate(() => this.draw());
    return this.accepts;
  }

  draw(): void {
    const next = Math.min(this.received, Math.floor(this.drawn + this.draws));
    if (next === this.drawn) return;
    this.drawn = next;
    this.ack(next, this);
  }

  /** Draws at a steady pace from now on, whatever the timers of this machine do. */
  drawAt(bytesPerSecond: number): { stop(): void } {
    let last = performance.now();
    const timer = setInterval(() => {
      const now = performance.now();
      this.draws = ((now - last) * bytesPerSecond) / 1_000;
      last = now;
      this.draw();
      this.draws = 0;
    }, 1);
    this.draws = 0;
    return { stop: () => clearInterval(timer) };
  }

  sendEvent(): void {}
  drain(): void {
    for (const listener of this.#drain) listener();
  }
  onDrain(listener: () => void) {
    this.#drain.add(listener);
    return { dispose: () => void this.#drain.delete(listener) };
  }
  close(): void {
    for (const listener of this.#close) listener();
  }
  onClose(listener: () => void) {
    this.#close.add(listener);
    return { dispose: () => void this.#close.delete(listener) };
  }
}

export function createFixture(
  options: { argv?: string[]; clock?: Clock; beforeShell?: () => Promise<void> } = {},
) {
  const bus = createBus();
  const streams: TerminalStream[] = [];
  const typed: string[] = [];
  let state: VmState = "running";
  const feature = createTerminalFeature({
    bus,
    clock: options.clock ?? systemClock,
    log: createLog("silent"),
    findVm(session, id) {
      if (id !== machine.vmId || (session.userId !== owner.userId && session.role !== "admin"))
        throw new AppError("not_found", "No such VM");
      return { ref: machine, state };
    },
    driver: {
      async openTerminal(_ref, size, onData) {
        await options.beforeShell?.();
        const pty = openPty(options.argv ?? ["bash", "--norc"], {
          size,
          onData,
          env: { PS1: "$ ", HISTFILE: "/dev/null" },
        });
        const stream: TerminalStream = {
          ...pty,
          write: (bytes) => (typed.push(Buffer.from(bytes).toString("latin1")), pty.write(bytes)),
        };
        streams.push(stream);
        return stream;
      },
    },
  });
  const events: EventOf<"terminal.state">[] = [];
  bus.on("terminal.state", ({ data }) => void events.push(data));
  let tabs = 0;
  const ids = new Map<string, TerminalId>();

  const run = async <N extends CommandName>(
    name: N,
    input: CommandInput<N>,
    session: Session,
    channel: ClientChannel | null,
  ) => {
    const command = feature.commands.find((candidate) => candidate.name === name);
    const output: unknown = await command?.run(input, {
      session,
      channel,
      face: "socket",
      remoteAddress: "127.0.0.1",
      userAgent: "test",
    });
    return output;
  };
  return {
    feature,
    bus,
    events,
    streams,
    /** Everything that was written into the shells. */
    typed,
    setState: (next: VmState) => void (state = next),
    run,
    tab: (): Tab => {
      const tab: Tab = new Tab(`tab${++tabs}`, (bytes, channel) => {
        const id = ids.get(tab.id);
        if (id !== undefined) feature.sink.ack(id, bytes, channel);
      });
      return tab;
    },
    async open(tab: Tab, session: Session = owner, input: Partial<CommandInput<"terminal.open">> = {}) {
      const output = await run(
        "terminal.open",
        { vmId: machine.vmId, cols: 80, rows: 24, fresh: false, ...input },
        session,
        tab,
      );
      const opened = output as {
        terminalId: TerminalId;
        cols: number;
        rows: number;
        viewers: number;
        resumed: boolean;
      };
      ids.set(tab.id, opened.terminalId);
      await until("the screen", () => tab.frames.some((frame) => frame.kind === "restore"));
      return opened;
    },
    type(id: TerminalId, text: string, tab: Tab, session: Session = owner) {
      feature.sink.input(id, Buffer.from(text), session, tab);
    },
    dispose: async () => {
      await feature.dispose();
      await Promise.all(streams.map((stream) => stream.exited));
    },
  };
}

export const windowBytes = limits.terminalWindowBytes;

/** Real time for what is short, moved by hand for what is long. */
export function handClock() {
  let now = 1_000_000;
  const timers = new Set<{ at: number; fn: () => void }>();
  const start = performance.now();
  const real = () => now + (performance.now() - start);
  return {
    now: real,
    after(ms: number, fn: () => void) {
      if (ms < 1_000) {
        const short = setTimeout(fn, ms);
        return { dispose: () => clearTimeout(short) };
      }
      const timer = { at: real() + ms, fn };
      timers.add(timer);
      return { dispose: () => void timers.delete(timer) };
    },
    every: () => ({ dispose: () => {} }),
    move(ms: number) {
      now += ms;
      for (const timer of [...timers].toSorted((a, b) => a.at - b.at)) {
        if (timer.at > real() || !timers.delete(timer)) continue;
        timer.fn();
      }
    },
  };
}
