/** Log-out, revocation, expiry, a lost role and the end of the server act on open sockets at once. */
import { afterEach, beforeEach, expect, test } from "bun:test";
import { userId } from "#protocol";
import type { Fixture } from "./fixture.ts";
import { ada, bob, hostSampleAt, online, root, startGateway, until } from "./fixture.ts";

let fixture: Fixture;
beforeEach(() => {
  fixture = startGateway();
});
afterEach(() => fixture.stop());

test("closes a revoked session's sockets with 4401 and leaves other sessions alone", async () => {
  fixture.gate.add("second-token", ada.id, ada.name, "user");
  const [first, second, bobs] = [
    await online(fixture, ada),
    await online(fixture, { token: "second-token" }),
    await online(fixture, bob),
  ];
  fixture.gate.byToken.delete(ada.token);
  fixture.bus.endSessions({ kind: "session", sessionId: `session-of-${ada.token}` });
  expect(await first.closeCode(1_000)).toBe(4401);
  expect([second.closed, bobs.closed]).toEqual([null, null]);
  fixture.bus.endSessions({ kind: "user", userId: ada.id });
  expect(await second.closeCode(1_000)).toBe(4401);
  expect(bobs.closed).toBeNull();
});

test("runs nothing of a session that has ended without a word on the bus", async () => {
  const socket = await online(fixture, ada);
  fixture.gate.byToken.delete(ada.token);
  socket.send({ t: "command", id: 1, name: "vm.list", input: {} });
  expect(await socket.closeCode(1_000)).toBe(4401);
  expect(fixture.ran).toEqual([]);
});

test("finds a silent socket of a dead session by itself", async () => {
  const socket = await online(fixture, ada);
  fixture.gate.byToken.delete(ada.token);
  expect(await socket.closeCode(2_000)).toBe(4401);
});

test("closes with 4401 within two seconds of the expiry", async () => {
  const expiresAtMs = Date.now() + 400;
  fixture.gate.add("short", userId.parse(9), "short", "user", expiresAtMs);
  const socket = await online(fixture, { token: "short" });
  expect(await socket.closeCode(3_000)).toBe(4401);
  expect(Date.now() - expiresAtMs).toBeLessThan(2_000);
});

test("answers the log-out of its own socket, then closes it", async () => {
  const socket = await online(fixture, ada);
  socket.send({ t: "command", id: 4, name: "auth.logout", input: {} });
  expect((await socket.next("reply")).id).toBe(4);
  expect(await socket.closeCode(1_000)).toBe(4401);
});

test("ends streams of everybody's things when the admin role is lost, and keeps the own ones", async () => {
  const socket = await online(fixture, root);
  for (const [id, key] of [
    [1, "all"],
    [2, "own"],
  ] as const) {
    socket.send({ t: "subscribe", id, topic: "vm.state", key });
    await socket.next("snapshot");
  }
  fixture.gate.add(root.token, root.id, root.name, "user");
  const end = await socket.next("end");
  expect(end).toEqual({ t: "end", topic: "vm.state", key: "all" });
  expect(socket.closed).toBeNull();
  socket.send({ t: "subscribe", id: 3, topic: "vm.state", key: "all" });
  expect((await socket.next("refusal")).error.code).toBe("forbidden");
});

test("ends streams of somebody else's things when the admin role is lost", async () => {
  fixture.gate.add(root.token, root.id, root.name, "admin");
  const socket = await online(fixture, root);
  for (const [id, key] of [
    [1, "1"],
    [2, "2"],
  ] as const) {
    socket.send({ t: "subscribe", id, topic: "job.output", key });
    await socket.next("snapshot");
  }
  fixture.gate.add(root.token, root.id, root.name, "user");
  expect(await socket.next("end")).toEqual({ t: "end", topic: "job.output", key: "2" });
  fixture.bus.publish("job.output", { kind: "key", key: "2" }, { lines: [] });
  fixture.bus.publish("job.output", { kind: "key", key: "1" }, { lines: [] });
  expect(await socket.next("event")).toMatchObject({ topic: "job.output", key: "1" });
});

test("hears nothing more after its log-out, though an earlier command is still unanswered", async () => {
  fixture.gate.add("to-leave", ada.id, ada.name, "user");
  const socket = await online(fixture, { ...ada, token: "to-leave" });
  socket.send({ t: "subscribe", id: 1, topic: "metrics.host" });
  await socket.next("snapshot");
  socket.send({ t: "command", id: 2, name: "vm.get", input: { vmId: 900 } });
  const goOn = await until(() => fixture.held.shift() ?? null, "the held command");
  socket.send({ t: "command", id: 3, name: "auth.logout", input: {} });
  await until(
    () => socket.frames.find((frame) => frame.t === "reply" && frame.id === 3) ?? null,
    "the answer",
  );
  fixture.bus.publish("metrics.host", { kind: "everyone" }, { sample: hostSampleAt(5) });
  goOn();
  await until(() => socket.closed, "the end");
  expect(socket.closed).toEqual({ code: 4401 });
  expect(socket.frames.some((frame) => frame.t === "reply" && frame.id === 2)).toBe(true);
  expect(socket.frames.filter((frame) => frame.t === "event")).toEqual([]);
});

test("tells features when a socket is gone", async () => {
  const socket = await online(fixture, ada);
  socket.send({ t: "ack", terminalId: 7, bytes: 1 });
  const channel = await until(() => fixture.terminals.channel, "the channel");
  let closes = 0;
  channel.onClose(() => (closes += 1));
  socket.socket.close();
  await until(() => (closes > 0 ? true : null), "word of the end");
  expect(closes).toBe(1);
});

test("closes every socket with 1012 when the server stops", async () => {
  const own = startGateway();
  const socket = await online(own, ada);
  const stopped = own.stop();
  expect(await socket.closeCode(1_000)).toBe(1012);
  await stopped;
  await expect(fetch(`${own.http}/health`)).rejects.toThrow();
});

test("cuts a socket that is silent for two heartbeats", async () => {
  let nowMs = 1_000_000;
  const ticks = new Set<() => void>();
  const own = startGateway({
    clock: {
      now: () => nowMs,
      after: () => ({ dispose: () => {} }),
      every: (_ms, fn) => {
        ticks.add(fn);
        return { dispose: () => void ticks.delete(fn) };
      },
    },
  });
  const [silent, alive] = [await online(own, ada), await online(own, bob)];
  nowMs += 39_000;
  alive.send({ t: "ping", id: 1 });
  await alive.next("pong");
  nowMs += 2_000;
  for (const tick of ticks) tick();
  expect(await silent.closeCode()).toBe(4409);
  expect(alive.closed).toBeNull();
  own.bus.publish("metrics.host", { kind: "everyone" }, { sample: hostSampleAt(1) });
  await own.stop();
});
