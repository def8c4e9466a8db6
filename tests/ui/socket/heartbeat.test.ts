/** Finding out that the peer is gone. */
import { describe, expect, test } from "bun:test";
import { limits } from "#protocol";
import { Heartbeat } from "../../../ui/socket/heartbeat.ts";
import { ManualClock } from "../../helpers/manual-clock.ts";

/** `beatMs` replaces every interval: a hidden tab runs them when it likes. */
function setUp(beatMs?: number) {
  const clock = new ManualClock();
  const slowed = {
    now: () => clock.now(),
    after: (ms: number, fn: () => void) => clock.after(ms, fn),
    every: (ms: number, fn: () => void) => clock.every(beatMs ?? ms, fn),
  };
  const pings: number[] = [];
  const latencies: number[] = [];
  let silences = 0;
  let lastId = 0;
  const heartbeat = new Heartbeat(
    {
      send: (frame) => void (frame.t === "ping" && pings.push(frame.id)),
      nextId: () => ++lastId,
      onLatency: (ms) => void latencies.push(ms),
      onSilence: () => void (silences += 1),
    },
    slowed,
  );
  return { clock, heartbeat, pings, latencies, silences: () => silences };
}

describe("heartbeat", () => {
  test("asks at once and then at every beat, and measures the round trip", () => {
    const { clock, heartbeat, pings, latencies } = setUp();
    heartbeat.start();
    clock.advance(7);
    heartbeat.pong(1);
    clock.advance(limits.heartbeatMs);
    expect(pings).toEqual([1, 2]);
    expect(latencies).toEqual([7]);
  });

  test("reports silence after 10 s without an answer, and not before", () => {
    const { clock, heartbeat, silences } = setUp();
    heartbeat.start();
    clock.advance(9_999);
    expect(silences()).toBe(0);
    clock.advance(1);
    expect(silences()).toBe(1);
  });

  test("ignores an answer to another question", () => {
    const { clock, heartbeat, silences } = setUp();
    heartbeat.start();
    heartbeat.pong(99);
    clock.advance(10_000);
    expect(silences()).toBe(1);
  });

  test("is kept alive by incoming frames where timers are slowed down", () => {
    const { clock, heartbeat, pings } = setUp(Number.POSITIVE_INFINITY);
    heartbeat.start();
    heartbeat.pong(1);
    clock.advance(limits.heartbeatMs);
    heartbeat.onFrame();
    expect(pings).toEqual([1]);
    clock.advance(limits.heartbeatMs);
    heartbeat.onFrame();
    expect(pings).toEqual([1, 2]);
  });

  test("leaves no timer behind", () => {
    const { clock, heartbeat } = setUp();
    heartbeat.start();
    heartbeat.stop();
    expect(clock.waiting).toBe(0);
  });
});
