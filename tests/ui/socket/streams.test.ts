/** Subscriptions and terminals over real sockets. */
import { afterEach, describe, expect, test } from "bun:test";
import { createClient } from "#client";
import type { Client } from "#client";
import type { ClientFrame } from "#protocol";
import { closeCodes, jobLine, limits, terminalId } from "#protocol";
import type { Peer, ProtocolServer } from "../../helpers/protocol-server.ts";
import { serveProtocol } from "../../helpers/protocol-server.ts";
import { waitFor } from "../../helpers/wait-for.ts";

const ending: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ending.splice(0).toReversed()) await end();
});

/** Agrees to everything; `extra` says more. */
function serve(extra: (frame: ClientFrame, peer: Peer) => void = () => {}): ProtocolServer {
  const server = serveProtocol((frame, peer) => {
    if (frame.t === "subscribe" || frame.t === "unsubscribe") {
      peer.send({ t: "reply", id: frame.id, ok: true, output: {} });
    }
    extra(frame, peer);
  });
  ending.push(() => server.stop());
  return server;
}

async function connected(server: ProtocolServer, faults: unknown[] = []): Promise<Client> {
  const client = createClient({
    url: server.url,
    random: () => 0.02,
    checkPayloads: true,
    onFault: (error) => void faults.push(error),
  });
  ending.push(() => client.close());
  client.connect();
  await waitFor("the client to be online", () => client.status.phase === "online");
  return client;
}

const noVms = { vms: [] };
const removed = (vmId: number) => ({ kind: "removed", vmId });
const lines = (...numbers: number[]) => ({
  lines: numbers.map((n) => jobLine.parse({ n, atMs: 1, stream: "info", text: `line ${n}` })),
});

/** Writes down what it hears. */
function recorder() {
  const heard: string[] = [];
  return {
    heard,
    handlers: {
      onSnapshot: (_: unknown, seq: number) => void heard.push(`snapshot ${seq}`),
      onEvent: (data: unknown) => void heard.push(JSON.stringify(data)),
      onEnd: () => void heard.push("end"),
      onError: (error: { code: string }) => void heard.push(error.code),
    },
  };
}

describe("subscriptions", () => {
  test("start with a snapshot, and go on with events", async () => {
    const server = serve((frame, peer) => {
      if (frame.t !== "subscribe") return;
      peer.send({ t: "event", topic: frame.topic, seq: 3, data: removed(1) });
      peer.send({ t: "snapshot", topic: frame.topic, seq: 4, data: noVms });
      peer.send({ t: "event", topic: frame.topic, seq: 5, data: removed(2) });
    });
    const client = await connected(server);
    const { heard, handlers } = recorder();
    client.subscribe("vm.state", handlers);
    await waitFor("two things heard", () => heard.length === 2);
    expect(heard).toEqual(["snapshot 4", JSON.stringify(removed(2))]);
  });

  test("share one place on the wire, and leave it with the last listener", async () => {
    const server = serve();
    const client = await connected(server);
    const first = recorder();
    const second = recorder();
    const stopFirst = client.subscribe("vm.state", first.handlers);
    await waitFor("the first", () => server.peer.of("subscribe").length === 1);
    server.peer.send({ t: "snapshot", topic: "vm.state", seq: 1, data: noVms });
    await waitFor("its snapshot", () => first.heard.length === 1);
    const stopSecond = client.subscribe("vm.state", { ...second.handlers, key: "own" });
    await waitFor("the second", () => server.peer.of("subscribe").length === 2);
    server.peer.send({ t: "event", topic: "vm.state", seq: 2, data: removed(1) });
    server.peer.send({ t: "snapshot", topic: "vm.state", seq: 2, data: noVms });
    await waitFor("its snapshot", () => second.heard.length === 1);
    expect(first.heard).toEqual(["snapshot 1", JSON.stringify(removed(1)), "snapshot 2"]);
    stopFirst();
    server.peer.send({ t: "event", topic: "vm.state", key: "own", seq: 3, data: removed(2) });
    await waitFor("an event", () => second.heard.length === 2);
    expect(server.peer.of("unsubscribe")).toEqual([]);
    stopSecond();
    stopSecond();
    await waitFor("leaving", () => server.peer.of("unsubscribe").length === 1);
  });

  test("are replayed after a reconnect: states by snapshot, a log from where it stood", async () => {
    const server = serve();
    const client = await connected(server);
    const states = recorder();
    const log = recorder();
    client.subscribe("vm.state", states.handlers);
    client.subscribe("job.output", { ...log.handlers, key: "7" });
    await waitFor("both", () => server.peer.of("subscribe").length === 2);
    server.peer.send({ t: "snapshot", topic: "vm.state", seq: 9, data: noVms });
    server.peer.send({ t: "snapshot", topic: "job.output", key: "7", seq: 4, data: lines(1) });
    await waitFor("both snapshots", () => log.heard.length === 1 && states.heard.length === 1);
    const old = server.peer;
    old.socket.close(closeCodes.going_away.code);
    await waitFor("both again", () => server.peer !== old && server.peer.of("subscribe").length === 2);
    const asked = server.peer.of("subscribe").map(({ topic, key, after }) => ({ topic, key, after }));
    expect(asked).toEqual([
      { topic: "vm.state", key: undefined, after: undefined },
      { topic: "job.output", key: "7", after: { epoch: "one", seq: 4 } },
    ]);
    server.peer.send({ t: "event", topic: "vm.state", seq: 10, data: removed(1) });
    server.peer.send({ t: "event", topic: "job.output", key: "7", seq: 5, data: lines(2) });
    await waitFor("the log to go on", () => log.heard.length === 2);
    expect(states.heard).toEqual(["snapshot 9"]);
  });

  test("close a gap by asking again", async () => {
    const server = serve();
    const client = await connected(server);
    const { heard, handlers } = recorder();
    client.subscribe("job.output", { ...handlers, key: "7" });
    await waitFor("it", () => server.peer.of("subscribe").length === 1);
    server.peer.send({ t: "snapshot", topic: "job.output", key: "7", seq: 4, data: lines(1) });
    server.peer.send({ t: "event", topic: "job.output", key: "7", seq: 6, data: lines(3) });
    await waitFor("the question", () => server.peer.of("subscribe").length === 2);
    expect(server.peer.of("subscribe")[1]?.after).toEqual({ epoch: "one", seq: 4 });
    server.peer.send({ t: "event", topic: "job.output", key: "7", seq: 5, data: lines(2) });
    server.peer.send({ t: "event", topic: "job.output", key: "7", seq: 6, data: lines(3) });
    await waitFor("the lines", () => heard.length === 3);
    expect(heard).toEqual(["snapshot 4", JSON.stringify(lines(2)), JSON.stringify(lines(3))]);
  });

  test("end with the thing, and tell a refusal once", async () => {
    const server = serveProtocol((frame, peer) => {
      if (frame.t !== "subscribe") return;
      if (frame.topic === "vm.state") peer.send({ t: "end", topic: "vm.state" });
      const error = { code: "not_found", message: "No such job" } as const;
      if (frame.topic !== "vm.state") peer.send({ t: "refusal", id: frame.id, ok: false, error });
    });
    ending.push(() => server.stop());
    const client = await connected(server);
    const ended = recorder();
    const refused = recorder();
    client.subscribe("vm.state", ended.handlers);
    client.subscribe("job.output", { ...refused.handlers, key: "7" });
    await waitFor("both", () => ended.heard.length === 1 && refused.heard.length === 1);
    expect([ended.heard, refused.heard]).toEqual([["end"], ["not_found"]]);
    const old = server.peer;
    old.socket.close(closeCodes.going_away.code);
    await waitFor("a new socket", () => server.peer !== old && client.status.phase === "online");
    await client.request("auth.me", {}, { timeoutMs: 30 }).catch(() => {});
    expect(server.peer.of("subscribe")).toEqual([]);
  });

  test("survive a listener that throws and a payload of an unknown shape", async () => {
    const faults: unknown[] = [];
    const server = serve((frame, peer) => {
      if (frame.t !== "subscribe") return;
      peer.send({ t: "snapshot", topic: "vm.state", seq: 1, data: noVms });
      peer.send({ t: "event", topic: "vm.state", seq: 2, data: { kind: "exploded" } });
      peer.send({ t: "event", topic: "vm.state", seq: 3, data: removed(1) });
    });
    const client = await connected(server, faults);
    const { heard, handlers } = recorder();
    client.subscribe("vm.state", {
      onSnapshot: () => {
        throw new Error("broken listener");
      },
      onEvent: () => {},
    });
    client.subscribe("vm.state", handlers);
    await waitFor("the last event", () => heard.includes(JSON.stringify(removed(1))));
    expect(faults.length).toBeGreaterThanOrEqual(2);
  });
});

const id = terminalId.parse(7);
const bytes = (size: number) => new Uint8Array(size).fill(65);
const open = (client: Client) => client.request("terminal.open", { vmId: 1, cols: 80, rows: 24 });

/** Answers `terminal.open` with its reply and its screen in one go. */
function serveTerminal(screen: number): ProtocolServer {
  return serve((frame, peer) => {
    if (frame.t !== "command" || frame.name !== "terminal.open") return;
    const output = { terminalId: id, cols: 80, rows: 24, viewers: 1, resumed: true };
    peer.send({ t: "reply", id: frame.id, ok: true, output });
    peer.terminal({ kind: "restore", terminalId: id, payload: bytes(screen) });
  });
}

describe("terminals", () => {
  test("lose nothing that arrives before somebody attaches", async () => {
    const server = serveTerminal(10);
    const client = await connected(server);
    await open(client);
    server.peer.terminal({ kind: "output", terminalId: id, payload: bytes(5) });
    await client.request("auth.me", {}, { timeoutMs: 30 }).catch(() => {});
    const heard: string[] = [];
    client.attachTerminal(id, {
      onRestore: (screen) => void heard.push(`restore ${screen.length}`),
      onOutput: (output) => void heard.push(`output ${output.length}`),
    });
    expect(heard).toEqual(["restore 10", "output 5"]);
  });

  test("acknowledge what was drawn, cumulatively, by steps and at the end", async () => {
    const server = serveTerminal(100);
    const client = await connected(server);
    await open(client);
    let received = 0;
    const count = (chunk: Uint8Array) => void (received += chunk.length);
    const stream = client.attachTerminal(id, { onRestore: count, onOutput: count });
    server.peer.terminal({ kind: "output", terminalId: id, payload: bytes(60_000) });
    await waitFor("all bytes", () => received === 60_100);
    stream.drawn(100);
    stream.drawn(limits.terminalAckEveryBytes - 100);
    stream.drawn(1_000);
    stream.drawn(60_100 - limits.terminalAckEveryBytes - 1_000);
    await waitFor("two acknowledgements", () => server.peer.of("ack").length === 2);
    expect(server.peer.of("ack").map((ack) => ack.bytes)).toEqual([limits.terminalAckEveryBytes, 60_100]);
  });

  test("count from zero after a reconnect, whatever the screen still draws of before", async () => {
    const server = serveTerminal(100);
    const client = await connected(server);
    await open(client);
    let received = 0;
    const count = (chunk: Uint8Array) => void (received += chunk.length);
    const stream = client.attachTerminal(id, { onRestore: count, onOutput: count });
    await waitFor("the screen", () => received === 100);
    const old = server.peer;
    old.socket.close(closeCodes.going_away.code);
    await waitFor("online again", () => server.peer !== old && client.status.phase === "online");
    await open(client);
    await waitFor("the screen again", () => received === 200);
    stream.drawn(100);
    stream.drawn(100);
    await waitFor("an acknowledgement", () => server.peer.of("ack").length > 0);
    expect(server.peer.of("ack").map((ack) => ack.bytes)).toEqual([100]);
  });

  test("send typing as binary frames, and nothing once disposed or offline", async () => {
    const server = serveTerminal(1);
    const client = await connected(server);
    await open(client);
    const stream = client.attachTerminal(id, { onRestore: () => {}, onOutput: () => {} });
    stream.send(new TextEncoder().encode("ls\r"));
    await waitFor("typing", () => server.peer.typed.length === 1);
    expect(new TextDecoder().decode(server.peer.typed[0]?.payload)).toBe("ls\r");
    const old = server.peer;
    old.socket.close(closeCodes.going_away.code);
    await waitFor("offline", () => client.status.phase !== "online");
    stream.send(bytes(1));
    await waitFor("online again", () => server.peer !== old && client.status.phase === "online");
    stream.dispose();
    stream.send(bytes(1));
    await client.request("auth.me", {}, { timeoutMs: 30 }).catch(() => {});
    expect(server.peer.typed).toEqual([]);
  });
});
