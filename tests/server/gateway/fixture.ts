/** A gateway on a free port with small features of its own, a gate whose sessions can be changed by hand, and clients. */
import { limits, SUBPROTOCOL, serverFrame, userId, vmId } from "#protocol";
import type { HostSample, Role, ServerFrame, UserId, VmView } from "#protocol";
import type { Bus } from "../../../server/core/bus.ts";
import { createBus } from "../../../server/core/bus.ts";
import type { ClientChannel, Session } from "../../../server/core/caller.ts";
import { systemClock } from "../../../server/core/clock.ts";
import type { Clock } from "../../../server/core/clock.ts";
import type { BoundCommand } from "../../../server/core/command.ts";
import { defineCommand } from "../../../server/core/command.ts";
import { AppError } from "../../../server/core/errors.ts";
import { createLog } from "../../../server/core/log.ts";
import type { IdempotencyStore, SessionGate, TerminalSink } from "../../../server/core/ports.ts";
import type { UploadSink } from "../../../server/core/uploads.ts";
import { defineTopic } from "../../../server/core/topic.ts";
import type { Gateway, GatewayDeps } from "../../../server/gateway/index.ts";
import { createGateway } from "../../../server/gateway/index.ts";

export const ada = { token: "token-of-ada", id: userId.parse(1), name: "ada" } as const;
export const bob = { token: "token-of-bob", id: userId.parse(2), name: "bob" } as const;
export const root = { token: "token-of-root", id: userId.parse(3), name: "root" } as const;

/** Sessions by token; a test may change or delete them at any time. */
export class HandGate implements SessionGate {
  readonly byToken = new Map<string, Session>();

  add(token: string, id: UserId, username: string, role: Role, expiresAtMs = Date.now() + 3_600_000): void {
    this.byToken.set(token, {
      sessionId: `session-of-${token}`,
      userId: id,
      username,
      role,
      expiresAtMs,
      kind: "login",
      scope: "write",
      mustChangePassword: false,
    });
  }

  open(token: string): Promise<Session | null> {
    return Promise.resolve(this.byToken.get(token) ?? null);
  }

  current(sessionId: string): Session | null {
    return [...this.byToken.values()].find((session) => session.sessionId === sessionId) ?? null;
  }
}

export class HandTerminals implements TerminalSink {
  readonly inputs: { terminalId: number; text: string; user: string }[] = [];
  readonly acks: number[] = [];
  channel: ClientChannel | null = null;

  input(terminalId: number, bytes: Uint8Array, session: Session, channel: ClientChannel): void {
    if (terminalId !== 7) throw new AppError("forbidden", "Not your terminal");
    this.channel = channel;
    this.inputs.push({ terminalId, text: new TextDecoder().decode(bytes), user: session.username });
  }

  ack(_terminalId: number, bytes: number, channel: ClientChannel): void {
    this.channel = channel;
    this.acks.push(bytes);
  }
}

export function vmOf(id: number, owner: { id: UserId; name: string }): VmView {
  return {
    id: vmId.parse(id),
    ownerId: owner.id,
    ownerName: owner.name,
    name: `vm-${id}`,
    label: "",
    notes: "",
    tags: [],
    sshUser: "vagrant",
    snapshots: [],
    leaseEndsAtMs: null,
    schedule: null,
    nextScheduledAtMs: null,
    hasStartupScript: false,
    image: "lab",
    ramMb: 512,
    cpuCores: 1,
    diskGb: 10,
    state: "running",
    ip: null,
    driver: "simulated",
    error: null,
    activeJobId: null,
    createdAtMs: 1,
    startedAtMs: null,
  };
}

export function hostSampleAt(atMs: number): HostSample {
  return {
    atMs,
    cpuPercent: 1,
    corePercent: [1, 1],
    load1: 0,
    load5: 0,
    load15: 0,
    memoryTotalBytes: 1,
    memoryUsedBytes: 1,
    swapTotalBytes: 0,
    swapUsedBytes: 0,
    diskTotalBytes: 1,
    diskUsedBytes: 1,
    diskReadBytesPerS: 0,
    diskWriteBytesPerS: 0,
    networkRxBytesPerS: 0,
    networkTxBytesPerS: 0,
    uptimeSeconds: 1,
  };
}

export interface Fixture {
  readonly gateway: Gateway;
  readonly bus: Bus;
  readonly gate: HandGate;
  readonly terminals: HandTerminals;
  readonly port: number;
  readonly http: string;
  /** Names of the commands that ran, in order. */
  readonly ran: string[];
  /** What the host's snapshot holds. */
  history: HostSample[];
  /** Commands of `vm.get` wait until the test lets them go on. */
  readonly held: (() => void)[];
  stop(): Promise<void>;
}

interface FixtureOptions {
  readonly clock?: Clock;
  readonly origins?: readonly string[];
  readonly publicDir?: string | null;
  readonly ready?: () => boolean;
  readonly commands?: readonly BoundCommand[];
  readonly logLevel?: string;
  readonly uploads?: UploadSink;
  readonly idempotency?: IdempotencyStore;
}

export function startGateway(options: FixtureOptions = {}): Fixture {
  const bus = createBus();
  const gate = new HandGate();
  gate.add(ada.token, ada.id, ada.name, "user");
  gate.add(bob.token, bob.id, bob.name, "user");
  gate.add(root.token, root.id, root.name, "admin");
  const terminals = new HandTerminals();
  const state: { ran: string[]; history: HostSample[]; held: (() => void)[] } = {
    ran: [],
    history: [],
    held: [],
  };
  const deps: GatewayDeps = {
    commands: [...fakeCommands(state, bus, gate), ...(options.commands ?? [])],
    topics: fakeTopics(state),
    bus,
    gate,
    terminals,
    clock: options.clock ?? systemClock,
    log: createLog(options.logLevel ?? "silent"),
    hello: () => ({ version: "0.0.0", driver: { name: "simulated", label: "Simulated", simulated: true } }),
    epoch: "epoch-1",
    origins: options.origins ?? [],
    publicDir: options.publicDir ?? null,
    ...(options.uploads && { uploads: options.uploads }),
    ...(options.idempotency && { idempotency: options.idempotency }),
    health: () => ({ status: "ok", version: "0.0.0", driver: "simulated", uptimeSeconds: 1 }),
    ready: options.ready ?? (() => true),
    partial: true,
    checkPayloads: true,
  };
  const gateway = createGateway(deps);
  const { port } = gateway.start({ port: 0, host: "127.0.0.1" });
  return Object.assign(state, {
    gateway,
    bus,
    gate,
    terminals,
    port,
    http: `http://127.0.0.1:${port}`,
    stop: () => gateway.dispose(),
  });
}

function fakeCommands(
  state: { ran: string[]; held: (() => void)[] },
  bus: Bus,
  gate: HandGate,
): BoundCommand[] {
  const list = defineCommand("vm.list", (_input, caller) => {
    state.ran.push("vm.list");
    return { vms: [vmOf(1, { id: caller.session.userId, name: caller.session.username })] };
  });
  const get = defineCommand("vm.get", async ({ vmId: id }, caller) => {
    state.ran.push("vm.get");
    if (id === 404) throw new AppError("not_found", "No such VM");
    if (id === 500) throw new Error("a secret path /var/lib");
    if (id === 900) await new Promise<void>((resolve) => state.held.push(resolve));
    return { vm: vmOf(id, { id: caller.session.userId, name: caller.session.username }) };
  });
  const create = defineCommand("vm.create", () => {
    state.ran.push("vm.create");
    throw new AppError("conflict", "Not in this test");
  });
  const start = defineCommand("vm.start", () => {
    state.ran.push("vm.start");
    throw new AppError("conflict", "It runs already", { detail: "a detail for the log" });
  });
  const jobs = defineCommand("job.list", ({ limit }) => {
    state.ran.push(`job.list ${limit}`);
    return { jobs: [], nextCursor: null };
  });
  const login = defineCommand("auth.login", ({ username }) => {
    if (username !== ada.name) throw new AppError("unauthenticated", "Wrong name or password");
    const user = {
      id: ada.id,
      username,
      role: "user" as const,
      active: true,
      createdAtMs: 1,
      className: null,
      mustChangePassword: false,
      hasSecondFactor: false,
      expiresAtMs: null,
    };
    return { access_token: ada.token, token_type: "bearer" as const, expires_in: 3600, user };
  });
  const logout = defineCommand("auth.logout", (_input, caller) => {
    for (const [token, session] of gate.byToken) {
      if (session.sessionId === caller.session.sessionId) gate.byToken.delete(token);
    }
    bus.endSessions({ kind: "session", sessionId: caller.session.sessionId });
    return {};
  });
  return [list, get, create, start, jobs, login, logout].map((command) => command.bind(undefined));
}

function fakeTopics(state: { history: HostSample[] }): GatewayDeps["topics"] {
  return [
    defineTopic("metrics.host", () => ({ history: state.history, inventory: null })),
    defineTopic("vm.state", ({ ownerId }) => ({
      vms: ownerId === null ? [] : [vmOf(ownerId, { id: ownerId, name: "owner" })],
    })),
    defineTopic("job.output", ({ session, key }) => {
      if (key !== "1" && !(key === "2" && session.role === "admin"))
        throw new AppError("not_found", "No such job");
      return { lines: [] };
    }),
  ];
}

/** A client that keeps every frame, so that a test can wait for the one it means. */
export class TestSocket {
  readonly frames: ServerFrame[] = [];
  readonly binary: Uint8Array[] = [];
  readonly socket: WebSocket;
  closed: { code: number } | null = null;
  #seen = 0;

  constructor(port: number, headers: Record<string, string>) {
    const options: Bun.WebSocketOptions = { protocols: [SUBPROTOCOL], headers };
    // The DOM's type of the constructor hides Bun's, which takes headers.
    this.socket = Reflect.construct(WebSocket, [`ws://127.0.0.1:${port}/ws`, options]);
    this.socket.binaryType = "arraybuffer";
    this.socket.addEventListener("message", ({ data }) => {
      if (typeof data === "string") this.frames.push(serverFrame.parse(JSON.parse(data)));
      else this.binary.push(new Uint8Array(data));
    });
    this.socket.addEventListener("close", ({ code }) => {
      this.closed = { code };
    });
  }

  send(frame: object | string): void {
    this.socket.send(typeof frame === "string" ? frame : JSON.stringify(frame));
  }

  sendBytes(bytes: Uint8Array<ArrayBuffer>): void {
    this.socket.send(bytes);
  }

  /** The next frame of that kind that no earlier call returned. */
  async next<T extends ServerFrame["t"]>(t: T): Promise<Extract<ServerFrame, { t: T }>> {
    const isWanted = (frame: ServerFrame): frame is Extract<ServerFrame, { t: T }> => frame.t === t;
    return until(
      () => {
        for (let at = this.#seen; at < this.frames.length; at += 1) {
          const frame = this.frames[at];
          if (!frame || !isWanted(frame)) continue;
          this.#seen = at + 1;
          return frame;
        }
        return null;
      },
      `a ${t} frame; got ${JSON.stringify(this.frames.slice(this.#seen)).slice(0, 300)}, closed ${this.closed?.code}`,
    );
  }

  closeCode(withinMs?: number): Promise<number> {
    return until(() => this.closed?.code ?? null, "the socket's end", withinMs);
  }
}

export function open(fixture: Fixture, who: { readonly token: string }): TestSocket {
  return new TestSocket(fixture.port, { authorization: `Bearer ${who.token}` });
}

/** Opened and greeted. */
export async function online(fixture: Fixture, who: { readonly token: string }): Promise<TestSocket> {
  const socket = open(fixture, who);
  await socket.next("hello");
  return socket;
}

export async function until<T>(look: () => T | null, what: string, withinMs = 3_000): Promise<T> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const found = look();
    if (found !== null) return found;
    if (Date.now() > deadline) throw new Error(`Waited in vain for ${what}`);
    await Bun.sleep(5);
  }
}

export { limits };
