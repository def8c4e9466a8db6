/** How far ahead of its drawing a viewer is sent output. */
import { expect, test } from "bun:test";
import { limits, terminalId, type TerminalFrame, userId } from "#protocol";
import { Viewer } from "../../../server/features/terminal/viewer.ts";

const session = {
  sessionId: "s",
  userId: userId.parse(1),
  username: "ada",
  role: "user",
  expiresAtMs: Infinity,
  kind: "login",
  scope: "write",
  mustChangePassword: false,
} as const;

/** A viewer with more output than it can ever take, and a page that draws `bytesPerMs` and says so every `everyMs`. */
function flooded() {
  let sent = 0;
  let nowMs = 1_000;
  let drawn = 0;
  const channel = {
    id: "1",
    sendTerminal: ({ payload }: TerminalFrame) => {
      sent += payload.length;
      return true;
    },
    sendEvent() {},
    onDrain: () => ({ dispose() {} }),
    onClose: () => ({ dispose() {} }),
  };
  const viewer = new Viewer(channel, terminalId.parse(1), session, nowMs);
  viewer.restore(new Uint8Array(0));
  viewer.take(new Uint8Array(64 * 1024 ** 2));
  viewer.flush();
  return {
    ahead: () => sent - drawn,
    draws(bytesPerMs: number, forMs: number, everyMs = 5) {
      for (let passed = 0; passed < forMs; passed += everyMs) {
        nowMs += everyMs;
        drawn = Math.min(sent, drawn + bytesPerMs * everyMs);
        viewer.drew(drawn, nowMs);
        viewer.flush();
      }
    },
    waits(ms: number) {
      nowMs += ms;
    },
  };
}

test("a page that has drawn nothing yet, or draws slowly, is sent one window", () => {
  const page = flooded();
  expect(page.ahead()).toBe(limits.terminalWindowBytes);
  page.draws(5_000, 500);
  expect(page.ahead()).toBe(limits.terminalWindowBytes);
});

test("a page that draws 20 MB/s is sent 13 ms of it", () => {
  const page = flooded();
  page.draws(20_000, 500);
  expect(page.ahead()).toBe(260_000);
});

test("the fastest page is sent no more than the large window, and one that slows down the small one again", () => {
  const page = flooded();
  page.draws(60_000, 500);
  expect(page.ahead()).toBe(limits.terminalFastWindowBytes);
  page.draws(5_000, 100);
  expect(page.ahead()).toBe(limits.terminalWindowBytes);
});

test("a pause counts as slow: the next flood begins with the small window", () => {
  const page = flooded();
  page.draws(60_000, 200);
  page.waits(10_000);
  page.draws(30_000, 5);
  expect(page.ahead()).toBeLessThanOrEqual(limits.terminalFastWindowBytes - 150_000);
});
