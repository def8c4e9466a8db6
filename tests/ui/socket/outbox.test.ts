/** Sending under the server's frame rate. */
import { describe, expect, test } from "bun:test";
import { clientFrame, decodeTerminalFrame, limits, terminalId } from "#protocol";
import { Outbox } from "../../../ui/socket/outbox.ts";
import { ManualClock } from "../../helpers/manual-clock.ts";

const first = terminalId.parse(1);
const second = terminalId.parse(2);

function setUp() {
  const clock = new ManualClock();
  const sent: { atMs: number; data: string | Uint8Array }[] = [];
  const port = {
    bufferedBytes: 0,
    send: (data: string | Uint8Array) => void sent.push({ atMs: clock.now(), data }),
  };
  const outbox = new Outbox(port, clock);
  const typed = () =>
    sent.flatMap(({ data }) => {
      const frame = typeof data === "string" ? null : decodeTerminalFrame(data);
      return frame ? [frame] : [];
    });
  const control = () =>
    sent.flatMap(({ data }) => (typeof data === "string" ? [clientFrame.parse(JSON.parse(data))] : []));
  return { clock, sent, port, outbox, typed, control };
}

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const bytesOf = (typing: string) => new TextEncoder().encode(typing);

describe("outbox", () => {
  test("sends at once while there is room", () => {
    const { outbox, control } = setUp();
    outbox.control({ t: "ping", id: 1 });
    expect(control()).toEqual([{ t: "ping", id: 1 }]);
  });

  test("never passes the frame rate in any second, and sends everything in the end", () => {
    const { clock, outbox, sent } = setUp();
    for (let id = 1; id <= 1_000; id++) outbox.control({ t: "ping", id });
    for (let step = 0; step < 3_000; step++) clock.advance(10);
    expect(sent.length).toBe(1_000);
    for (const { atMs } of sent) {
      const within = sent.filter((other) => other.atMs >= atMs && other.atMs < atMs + 1_000).length;
      expect(within).toBeLessThanOrEqual(limits.framesPerSecond);
    }
    expect(clock.waiting).toBe(0);
  });

  test("cuts a paste into frames the server takes, in order and complete", () => {
    const { clock, outbox, typed } = setUp();
    const paste = new Uint8Array(300_000).map((_, at) => at % 251);
    outbox.input(first, paste);
    clock.advance(10_000);
    expect(typed().every((frame) => frame.payload.length + 8 <= limits.maxFrameBytes)).toBeTrue();
    expect(Buffer.concat(typed().map((frame) => frame.payload)).equals(Buffer.from(paste))).toBeTrue();
  });

  test("joins keys that have to wait, but never those of two terminals", () => {
    const { clock, outbox, typed } = setUp();
    for (let id = 1; id <= 500; id++) outbox.control({ t: "ping", id });
    for (const key of "ls -l") outbox.input(first, bytesOf(key));
    outbox.input(second, bytesOf("x"));
    outbox.input(first, bytesOf("\r"));
    clock.advance(20_000);
    expect(typed().map((frame) => [frame.terminalId, text(frame.payload)])).toEqual([
      [first, "ls -l"],
      [second, "x"],
      [first, "\r"],
    ]);
  });

  test("keeps its own copy of what was typed", () => {
    const { clock, outbox, typed } = setUp();
    for (let id = 1; id <= 200; id++) outbox.control({ t: "ping", id });
    const buffer = bytesOf("secret");
    outbox.input(first, buffer);
    buffer.fill(0);
    clock.advance(20_000);
    expect(typed().map((frame) => text(frame.payload))).toEqual(["secret"]);
  });

  test("merges acknowledgements that have to wait into the newest", () => {
    const { clock, outbox, control } = setUp();
    for (let id = 1; id <= 200; id++) outbox.control({ t: "ping", id });
    for (let bytes = 1; bytes <= 50; bytes++) outbox.ack(first, bytes);
    clock.advance(20_000);
    expect(control().filter((frame) => frame.t === "ack")).toEqual([
      { t: "ack", terminalId: first, bytes: 50 },
    ]);
  });

  test("acknowledges a flood at hundreds of frames a second, within the frame rate", () => {
    const { clock, outbox, control } = setUp();
    for (let ms = 1; ms <= 3_000; ms++) {
      outbox.ack(first, ms);
      clock.advance(1);
    }
    clock.advance(1_000);
    const acks = control().filter((frame) => frame.t === "ack");
    expect(acks.at(-1)).toEqual({ t: "ack", terminalId: first, bytes: 3_000 });
    expect((acks.length * limits.ackFrameCost) / 3).toBeLessThanOrEqual(limits.framesPerSecond);
    expect(acks.length / 3).toBeGreaterThan(700);
  });

  test("lets a command pass a paste that waits for a full socket", () => {
    const { clock, outbox, port, control, typed } = setUp();
    port.bufferedBytes = 2 * 1024 * 1024;
    outbox.input(first, bytesOf("paste"));
    outbox.control({ t: "ping", id: 1 });
    clock.advance(100);
    expect(control().length).toBe(1);
    expect(typed().length).toBe(0);
    port.bufferedBytes = 0;
    clock.advance(100);
    expect(typed().length).toBe(1);
  });

  test("forgets everything when the socket goes", () => {
    const { clock, outbox, sent } = setUp();
    for (let id = 1; id <= 500; id++) outbox.control({ t: "ping", id });
    const before = sent.length;
    outbox.clear();
    clock.advance(60_000);
    expect(sent.length).toBe(before);
    expect(clock.waiting).toBe(0);
  });
});
