/** What the page says about the connection. */
import { describe, expect, test } from "bun:test";
import type { ClientStatus } from "#client";
import { formatClock } from "../../../ui/shared/format/time.ts";
import { connectionLabel, staleText } from "../../../ui/shared/shell/connection-words.ts";

const status = (over: Partial<ClientStatus>): ClientStatus => ({
  phase: "offline",
  latencyMs: null,
  retryAtMs: null,
  closedBy: null,
  sinceMs: 0,
  ...over,
});

describe("the header", () => {
  test("says live with the time of an answer, connecting, or offline", () => {
    expect(connectionLabel(status({ phase: "online" }))).toBe("Live");
    expect(connectionLabel(status({ phase: "online", latencyMs: 12.4 }))).toBe("Live · 12 ms");
    expect(connectionLabel(status({ phase: "connecting" }))).toBe("Connecting…");
    expect(connectionLabel(status({}))).toBe("Offline");
  });
});

describe("the banner", () => {
  test("says from when the values are and counts down to the next try", () => {
    const text = staleText(status({ retryAtMs: 13_600 }), 5_000, 10_000);
    expect(text).toContain(formatClock(5_000));
    expect(text).toContain("Retrying in 4 s.");
  });

  test("never counts below zero", () => {
    expect(staleText(status({ retryAtMs: 9_000 }), 5_000, 10_000)).toContain("Connecting…");
  });

  test("says what to do when there will be no next try", () => {
    expect(staleText(status({ phase: "closed" }), 5_000, 10_000)).toContain("Reload");
  });
});
