/** Readers that stop reading: they cost little, slow nobody down, and lose nothing that may not be lost. */
import { afterEach, beforeEach, expect, test } from "bun:test";
import { decodeTerminalFrame, terminalId } from "#protocol";
import type { Fixture } from "./fixture.ts";
import { ada, bob, hostSampleAt, online, startGateway, until } from "./fixture.ts";
import { RawSocket } from "./raw-socket.ts";

let fixture: Fixture;
beforeEach(() => {
  fixture = startGateway();
});
afterEach(() => fixture.stop());

const bearer = { Authorization: `Bearer ${ada.token}` };

/** About 60 KiB a frame. */
const bigSample = (atMs: number) => ({
  ...hostSampleAt(atMs),
  corePercent: Array.from({ length: 12_000 }, () => 12.5),
});
const bigLines = (n: number) => ({
  lines: [{ n, atMs: 1, stream: "info" as const, text: "x".repeat(60_000) }],
});

async function rawOnline(): Promise<RawSocket> {
  const socket = new RawSocket(fixture.port, { headers: bearer });
  await until(() => socket.texts()[0] ?? null, "the hello");
  return socket;
}

function seqsOf(socket: RawSocket, t: string): number[] {
  return socket
    .texts()
    .map((text): { t: string; seq: number } => JSON.parse(text))
    .filter((frame) => frame.t === t)
    .map((frame) => frame.seq);
}

test("leaves a stuck reader out of `latest` streams, and gives it a new snapshot when it reads again", async () => {
  const [slow, fast] = [await rawOnline(), await online(fixture, bob)];
  slow.sendText({ t: "subscribe", id: 1, topic: "metrics.host" });
  fast.send({ t: "subscribe", id: 1, topic: "metrics.host" });
  await fast.next("snapshot");
  await until(() => seqsOf(slow, "snapshot")[0] ?? null, "the snapshot");
  slow.tcp.pause();
  const before = process.memoryUsage.rss();
  for (let count = 1; count <= 150; count += 1) {
    fixture.bus.publish("metrics.host", { kind: "everyone" }, { sample: bigSample(count) });
    await fast.next("event");
  }
  expect(fast.frames.filter((frame) => frame.t === "event")).toHaveLength(150);
  expect(process.memoryUsage.rss() - before).toBeLessThan(150 * 1024 * 1024);
  fixture.history = [hostSampleAt(4242)];
  slow.tcp.resume();
  await until(() => seqsOf(slow, "snapshot")[1] ?? null, "the second snapshot", 8_000);
  expect(seqsOf(slow, "event").length).toBeLessThan(150);
  expect(slow.texts().some((text) => text.includes("4242"))).toBe(true);
  fixture.bus.publish("metrics.host", { kind: "everyone" }, { sample: hostSampleAt(1) });
  const last = await until(() => {
    const seq = seqsOf(slow, "event").at(-1) ?? 0;
    return seq > (seqsOf(slow, "snapshot").at(-1) ?? 0) ? seq : null;
  }, "the event after it");
  expect(last).toBe((seqsOf(slow, "snapshot").at(-1) ?? 0) + 1);
  slow.destroy();
}, 20_000);

test("loses no line of a log, however slowly it is read", async () => {
  const slow = await rawOnline();
  slow.sendText({ t: "subscribe", id: 1, topic: "job.output", key: "1" });
  const first = await until(() => seqsOf(slow, "snapshot")[0] ?? null, "the snapshot");
  slow.tcp.pause();
  for (let n = 1; n <= 200; n += 1) {
    fixture.bus.publish("job.output", { kind: "key", key: "1" }, bigLines(n));
    if (n % 20 === 0) await Bun.sleep(0);
  }
  slow.tcp.resume();
  await until(() => (seqsOf(slow, "event").length >= 200 ? true : null), "200 events", 10_000);
  expect(seqsOf(slow, "event")).toEqual(Array.from({ length: 200 }, (_item, index) => first + 1 + index));
  slow.destroy();
}, 20_000);

test("tells the source of terminal bytes to wait, and to go on after the drain, and loses none", async () => {
  const slow = await rawOnline();
  slow.sendText({ t: "ack", terminalId: 7, bytes: 1 });
  const channel = await until(() => fixture.terminals.channel, "the channel");
  slow.tcp.pause();
  const id = terminalId.parse(7);
  let sent = 0;
  const block = () => new Uint8Array(32 * 1024).fill(65 + (sent++ % 26));
  while (channel.sendTerminal({ kind: "output", terminalId: id, payload: block() }));
  let drained = false;
  channel.onDrain(() => {
    drained = true;
  });
  await Bun.sleep(0);
  expect(drained).toBe(false);
  slow.tcp.resume();
  await until(() => (drained ? true : null), "the drain");
  const outputs = () => slow.frames().filter((frame) => frame.opcode === 2);
  await until(() => (outputs().length === sent ? true : null), "all bytes");
  // Each frame as it was when it was sent, though most of them had to wait.
  for (const [n, { payload }] of outputs().entries()) {
    const bytes = decodeTerminalFrame(payload)?.payload;
    expect(bytes?.every((byte) => byte === 65 + (n % 26))).toBe(true);
  }
  slow.destroy();
}, 20_000);

test("cuts with 4408 a reader that asks and never reads", async () => {
  fixture.history = Array.from({ length: 2_000 }, (_item, atMs) => hostSampleAt(atMs));
  const greedy = await rawOnline();
  greedy.tcp.pause();
  const asking = setInterval(
    () => greedy.sendText({ t: "subscribe", id: Date.now(), topic: "metrics.host" }),
    20,
  );
  const bobs = await online(fixture, bob);
  await until(() => (fixture.gateway.socketCount === 1 ? true : null), "the cut", 18_000);
  clearInterval(asking);
  expect(bobs.closed).toBeNull();
  greedy.destroy();
}, 25_000);
