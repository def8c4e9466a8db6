/** The client over real sockets: requests, and what becomes of them when the connection goes. */
import { afterEach, describe, expect, test } from "bun:test";
import { createClient, RequestError } from "#client";
import type { Client, ClientOptions } from "#client";
import type { ClientFrame } from "#protocol";
import { closeCodes } from "#protocol";
import type { Peer, ProtocolServer } from "../../helpers/protocol-server.ts";
import { serveProtocol } from "../../helpers/protocol-server.ts";
import { ManualClock } from "../../helpers/manual-clock.ts";
import { waitFor } from "../../helpers/wait-for.ts";

const ending: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ending.splice(0).toReversed()) await end();
});

const silent = () => {};

function serve(
  answer: (frame: ClientFrame, peer: Peer) => void,
  options: { port?: number; hello?: boolean; epoch?: string } = {},
): ProtocolServer {
  const server = serveProtocol(answer, options);
  ending.push(() => server.stop());
  return server;
}

async function connected(server: { url: string }, options: Partial<ClientOptions> = {}): Promise<Client> {
  const client = createClient({ url: server.url, random: () => 0.05, checkPayloads: true, ...options });
  ending.push(() => client.close());
  client.connect();
  await waitFor("the client to be online", () => client.status.phase === "online");
  return client;
}

/** The error a promise rejects with. */
async function refusal(promise: Promise<unknown>): Promise<RequestError> {
  const error = await promise.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (error instanceof RequestError) return error;
  throw new Error("Expected a RequestError", { cause: error });
}

const vms = { vms: [] };

describe("connecting", () => {
  test("names the subprotocol, hears the hello and measures latency", async () => {
    const server = serve(silent);
    const client = await connected(server);
    expect(server.peer.subprotocol).toBe("twarga.v1");
    expect(client.hello?.user.username).toBe("ada");
    const latency = await waitFor("a latency", () => client.status.latencyMs);
    expect(latency).toBeGreaterThanOrEqual(0);
  });

  test("sends the token as the first frame when there is one, and nothing when there is none", async () => {
    const server = serve((frame, peer) => frame.t === "auth" && peer.hello(), { hello: false });
    await connected(server, { token: () => "abc" });
    expect(server.peer.frames[0]).toEqual({ t: "auth", token: "abc" });
    const open = serve(silent);
    await connected(open);
    expect(open.peer.of("auth")).toEqual([]);
  });

  test("tells every phase to its listeners, also when one of them throws", async () => {
    const server = serve(silent);
    const phases: string[] = [];
    const faults: unknown[] = [];
    const client = createClient({ url: server.url, onFault: (error) => faults.push(error) });
    ending.push(() => client.close());
    client.onStatus(() => {
      throw new Error("broken listener");
    });
    const stop = client.onStatus(({ phase }) => phases.at(-1) === phase || phases.push(phase));
    client.connect();
    await waitFor("online", () => client.status.phase === "online");
    client.close();
    expect(phases).toEqual(["connecting", "online", "closed"]);
    expect(faults.length).toBeGreaterThan(0);
    stop();
  });

  test("comes back after the server restarts, and says when it tries again", async () => {
    const server = serve(silent);
    const client = await connected(server, { random: () => 0.2 });
    server.peer.socket.close(closeCodes.service_restart.code);
    await waitFor("offline", () => client.status.phase === "offline");
    expect(client.status.closedBy).toBe("service_restart");
    expect(client.status.retryAtMs).toBeGreaterThanOrEqual(client.status.sinceMs);
    await waitFor("online again", () => client.status.phase === "online");
    expect(server.peers.length).toBe(2);
    expect(client.status.closedBy).toBeNull();
  });

  test("stops for a reason that a new try cannot mend, and tells which", async () => {
    const server = serve(silent);
    const client = await connected(server);
    const request = refusal(client.request("vm.list", {}));
    server.peer.socket.close(closeCodes.unauthenticated.code);
    await waitFor("closed", () => client.status.phase === "closed");
    expect(client.status.closedBy).toBe("unauthenticated");
    expect((await request).code).toBe("unauthenticated");
    expect(client.status.retryAtMs).toBeNull();
  });

  test("tries at once when it is woken while it waits", async () => {
    const server = serve(silent);
    const client = await connected(server, { random: () => 1 });
    for (const _ of [1, 2, 3]) {
      server.peer.socket.close(closeCodes.going_away.code);
      await waitFor("offline", () => client.status.phase === "offline");
      client.wake();
      await waitFor("online", () => client.status.phase === "online", { timeoutMs: 400 });
    }
  });

  test("connects again after it was closed", async () => {
    const server = serve(silent);
    const client = await connected(server);
    client.close();
    client.connect();
    await waitFor("online", () => client.status.phase === "online");
    expect(server.peers.length).toBe(2);
  });
});

describe("requests", () => {
  test("match answers to questions in any order", async () => {
    const held: ClientFrame[] = [];
    const server = serve((frame) => void held.push(frame));
    const client = await connected(server);
    const list = client.request("vm.list", {});
    const images = client.request("image.list", {});
    const [first, second] = await waitFor("both", () => held.length === 2 && held);
    if (first?.t !== "command" || second?.t !== "command") throw new Error("Expected two commands");
    server.peer.send({ t: "reply", id: second.id, ok: true, output: { images: [] } });
    server.peer.send({ t: "reply", id: first.id, ok: true, output: vms });
    expect(await images).toEqual({ images: [] });
    expect(await list).toEqual(vms);
  });

  test("reject with the server's code, message and field", async () => {
    const server = serve((frame, peer) => {
      if (frame.t !== "command") return;
      const error = { code: "conflict", message: "It is running", field: "vmId", retryAfterMs: 5 } as const;
      peer.send({ t: "refusal", id: frame.id, ok: false, error });
    });
    const client = await connected(server);
    const error = await refusal(client.request("vm.start", { vmId: 1 }));
    expect([error.code, error.message, error.field, error.retryAfterMs]).toEqual([
      "conflict",
      "It is running",
      "vmId",
      5,
    ]);
  });

  test("with a bad field never leave, and name it", async () => {
    const server = serve(silent);
    const client = await connected(server);
    const spec = { name: "../x", image: "lab", ramMb: 512, cpuCores: 1, diskGb: 10 };
    const error = await refusal(client.request("vm.create", spec));
    expect([error.code, error.field]).toEqual(["invalid_input", "name"]);
    expect(server.peer.of("command")).toEqual([]);
  });

  test("time out, and can be cancelled", async () => {
    const client = await connected(serve(silent));
    expect((await refusal(client.request("vm.list", {}, { timeoutMs: 20 }))).code).toBe("timeout");
    const stop = new AbortController();
    const request = refusal(client.request("vm.list", {}, { signal: stop.signal }));
    stop.abort();
    expect((await request).code).toBe("cancelled");
  });

  test("refuse an answer of an unknown shape", async () => {
    const server = serve((frame, peer) => {
      if (frame.t === "command") peer.send({ t: "reply", id: frame.id, ok: true, output: { vms: "many" } });
    });
    const client = await connected(server);
    expect((await refusal(client.request("vm.list", {}))).code).toBe("internal");
  });
});

describe("a lost connection", () => {
  test("asks reads again and never a write", async () => {
    let tries = 0;
    const server = serve((frame, peer) => {
      if (frame.t !== "command") return;
      if (frame.name === "vm.list" && ++tries > 1) {
        peer.send({ t: "reply", id: frame.id, ok: true, output: vms });
      }
    });
    const client = await connected(server);
    const read = client.request("vm.list", {});
    const write = refusal(client.request("vm.stop", { vmId: 1 }));
    await waitFor("both", () => server.peer.of("command").length === 2);
    server.peer.socket.close(closeCodes.going_away.code);
    expect((await write).code).toBe("unavailable");
    expect(await read).toEqual(vms);
    expect(server.peers.map((peer) => peer.of("command").map((frame) => frame.name))).toEqual([
      ["vm.list", "vm.stop"],
      ["vm.list"],
    ]);
  });

  test("refuses a write at once while offline, lets a read wait, and refuses both when closed", async () => {
    const server = serve((frame, peer) => {
      if (frame.t === "command") peer.send({ t: "reply", id: frame.id, ok: true, output: vms });
    });
    const client = await connected(server, { random: () => 0.3 });
    server.peer.socket.close(closeCodes.going_away.code);
    await waitFor("offline", () => client.status.phase === "offline");
    expect((await refusal(client.request("vm.stop", { vmId: 1 }))).code).toBe("unavailable");
    expect(await client.request("vm.list", {})).toEqual(vms);
    client.close();
    expect((await refusal(client.request("vm.list", {}))).code).toBe("unavailable");
  });

  test("sends what was asked before the first hello, once", async () => {
    const server = serve((frame, peer) => {
      if (frame.t === "command") peer.send({ t: "reply", id: frame.id, ok: true, output: vms });
    });
    const client = createClient({ url: server.url });
    ending.push(() => client.close());
    client.connect();
    expect(await client.request("vm.list", {})).toEqual(vms);
    expect(server.peer.of("command").length).toBe(1);
  });

  test("is noticed when the server never says hello", async () => {
    const clock = new ManualClock();
    const server = serve(silent, { hello: false });
    const client = createClient({ url: server.url, clock });
    ending.push(() => client.close());
    client.connect();
    await waitFor("a socket", () => server.peers.length === 1);
    clock.advance(9_999);
    expect(client.status.phase).toBe("connecting");
    clock.advance(1);
    expect(client.status.phase).toBe("offline");
    clock.advance(15_000);
    await waitFor("a second socket", () => server.peers.length === 2);
  });

  test("leaves no timer behind when it is closed", async () => {
    const clock = new ManualClock();
    const server = serve(silent);
    const client = await connected(server, { clock });
    const request = refusal(client.request("vm.list", {}));
    client.close();
    expect((await request).code).toBe("unavailable");
    expect(clock.waiting).toBe(0);
    await waitFor("the server to see it", () => !server.peer.isOpen);
  });
});
