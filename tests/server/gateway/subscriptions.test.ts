/** Who hears what, in which order, and how a stream goes on after a lost connection. */
import { afterEach, beforeEach, expect, test } from "bun:test";
import type { Fixture, TestSocket } from "./fixture.ts";
import { ada, bob, hostSampleAt, online, root, startGateway, until, vmOf } from "./fixture.ts";

let fixture: Fixture;
beforeEach(() => {
  fixture = startGateway();
});
afterEach(() => fixture.stop());

async function subscribe(socket: TestSocket, id: number, topic: string, more: object = {}): Promise<void> {
  socket.send({ t: "subscribe", id, topic, ...more });
  expect((await socket.next("reply")).id).toBe(id);
}

const publishHost = (atMs: number) =>
  fixture.bus.publish("metrics.host", { kind: "everyone" }, { sample: hostSampleAt(atMs) });
const publishVm = (id: number, owner: typeof ada | typeof bob) =>
  fixture.bus.publish(
    "vm.state",
    { kind: "owner", ownerId: owner.id },
    { kind: "changed", vm: vmOf(id, owner) },
  );
const publishLine = (key: string, n: number) =>
  fixture.bus.publish(
    "job.output",
    { kind: "key", key },
    { lines: [{ n, atMs: 1, stream: "info", text: `line ${n}` }] },
  );

/** Everything published before has arrived when the pong has. */
async function settle(socket: TestSocket): Promise<void> {
  socket.send({ t: "ping", id: 1 });
  await socket.next("pong");
}

const eventsOf = (socket: TestSocket) =>
  socket.frames.flatMap((frame) => (frame.t === "event" ? [frame] : []));

test("sends reply, snapshot, then numbered events without gap or double", async () => {
  fixture.history = [hostSampleAt(1)];
  const socket = await online(fixture, ada);
  await subscribe(socket, 1, "metrics.host");
  const snapshot = await socket.next("snapshot");
  expect(snapshot.data).toMatchObject({ history: [{ atMs: 1 }] });
  for (let atMs = 2; atMs <= 50; atMs += 1) publishHost(atMs);
  await settle(socket);
  const events = eventsOf(socket);
  expect(events.map((event) => event.seq)).toEqual(events.map((_event, index) => snapshot.seq + 1 + index));
  expect(events).toHaveLength(49);
  expect(socket.frames.map((frame) => frame.t).slice(0, 4)).toEqual(["hello", "reply", "snapshot", "event"]);
});

test("keeps the order of a reply and an event of the same tick", async () => {
  const socket = await online(fixture, ada);
  await subscribe(socket, 1, "vm.state");
  await socket.next("snapshot");
  publishVm(5, ada);
  await socket.next("event");
  socket.send({ t: "subscribe", id: 2, topic: "vm.state" });
  const again = await socket.next("snapshot");
  publishVm(6, ada);
  expect((await socket.next("event")).seq).toBe(again.seq + 1);
});

test("tells owners of their own things only, and an administrator of all", async () => {
  const [adas, bobs, admins] = await Promise.all([ada, bob, root].map((who) => online(fixture, who)));
  if (!adas || !bobs || !admins) throw new Error("not online");
  await subscribe(adas, 1, "vm.state");
  await subscribe(bobs, 1, "vm.state", { key: "own" });
  await subscribe(admins, 1, "vm.state", { key: "all" });
  publishVm(11, ada);
  publishVm(12, bob);
  for (const socket of [adas, bobs, admins]) await settle(socket);
  expect(eventsOf(adas).map((event) => event.data)).toMatchObject([{ vm: { id: 11 } }]);
  expect(eventsOf(bobs).map((event) => event.data)).toMatchObject([{ vm: { id: 12 } }]);
  expect(eventsOf(admins).map((event) => [event.key, event.data])).toMatchObject([
    ["all", { vm: { id: 11 } }],
    ["all", { vm: { id: 12 } }],
  ]);
});

test("refuses unknown topics, wrong keys and everybody's things", async () => {
  const socket = await online(fixture, ada);
  const refused = async (id: number, topic: string, more: object = {}) => {
    socket.send({ t: "subscribe", id, topic, ...more });
    const refusal = await socket.next("refusal");
    return [refusal.id, refusal.error.code, refusal.error.field];
  };
  expect(await refused(1, "vm.secrets")).toEqual([1, "unknown_topic", undefined]);
  expect(await refused(2, "vm.state", { key: "all" })).toEqual([2, "forbidden", undefined]);
  expect(await refused(3, "vm.state", { key: "2" })).toEqual([3, "invalid_input", "key"]);
  expect(await refused(4, "metrics.host", { key: "x" })).toEqual([4, "invalid_input", "key"]);
  expect(await refused(5, "job.output")).toEqual([5, "invalid_input", "key"]);
  expect(await refused(6, "job.output", { key: "2" })).toEqual([6, "not_found", undefined]);
});

test("stops after unsubscribe, and encodes nothing that nobody hears", async () => {
  const socket = await online(fixture, ada);
  await subscribe(socket, 1, "metrics.host");
  socket.send({ t: "unsubscribe", id: 2, topic: "metrics.host" });
  await socket.next("reply");
  let reads = 0;
  const sample = { ...hostSampleAt(1), toJSON: () => (reads += 1) };
  fixture.bus.publish("metrics.host", { kind: "everyone" }, { sample });
  await settle(socket);
  expect(eventsOf(socket)).toEqual([]);
  expect(reads).toBe(0);
});

test("resumes a log after the last number seen, and sends a snapshot when it cannot", async () => {
  const first = await online(fixture, ada);
  await subscribe(first, 1, "job.output", { key: "1" });
  const { seq } = await first.next("snapshot");
  publishLine("1", 1);
  publishLine("2", 99);
  expect((await first.next("event")).seq).toBe(seq + 1);
  first.socket.close();
  await first.closeCode();
  await until(() => (fixture.gateway.socketCount === 0 ? true : null), "the socket to be forgotten");
  publishLine("1", 2);
  publishLine("1", 3);

  const second = await online(fixture, ada);
  await subscribe(second, 1, "job.output", { key: "1", after: { epoch: "epoch-1", seq: seq + 1 } });
  publishLine("1", 4);
  await settle(second);
  expect(eventsOf(second).map((event) => [event.seq, event.data])).toMatchObject(
    [2, 3, 4].map((n) => [seq + n, { lines: [{ n }] }]),
  );
  expect(second.frames.some((frame) => frame.t === "snapshot")).toBe(false);

  await subscribe(second, 2, "job.output", { key: "1", after: { epoch: "epoch-0", seq: seq + 1 } });
  expect((await second.next("snapshot")).seq).toBe(seq + 4);
  await subscribe(second, 3, "job.output", { key: "1", after: { epoch: "epoch-1", seq: seq + 99 } });
  expect((await second.next("snapshot")).seq).toBe(seq + 4);
});

test("never repeats a number in a channel's next life", async () => {
  const socket = await online(fixture, ada);
  await subscribe(socket, 1, "metrics.host");
  const { seq } = await socket.next("snapshot");
  for (let count = 0; count < 10; count += 1) publishHost(count);
  socket.send({ t: "unsubscribe", id: 2, topic: "metrics.host" });
  await socket.next("reply");
  await subscribe(socket, 3, "metrics.host");
  expect((await socket.next("snapshot")).seq).toBeGreaterThan(seq + 10);
});

test("gives one event of a key to one socket alone", async () => {
  const [one, other] = [await online(fixture, ada), await online(fixture, ada)];
  for (const socket of [one, other]) await subscribe(socket, 1, "job.output", { key: "1" });
  one.send({ t: "ack", terminalId: 7, bytes: 1 });
  const channel = await until(() => fixture.terminals.channel, "the channel");
  const { seq } = await one.next("snapshot");
  channel.sendEvent("job.output", "1", { lines: [] });
  expect((await one.next("event")).seq).toBe(seq + 1);
  await settle(other);
  expect(eventsOf(other)).toEqual([]);
});
