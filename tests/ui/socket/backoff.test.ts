/** The waits between tries. */
import { describe, expect, test } from "bun:test";
import { backoffMs } from "../../../ui/socket/backoff.ts";

const longest = () => 1;

describe("back-off", () => {
  test("doubles from half a second up to 15 s", () => {
    const waits = [0, 1, 2, 3, 4, 5, 50].map((attempt) => backoffMs(attempt, null, longest));
    expect(waits).toEqual([500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000]);
  });

  test("spreads clients over the whole wait", () => {
    expect(backoffMs(2, null, () => 0)).toBe(0);
    expect(backoffMs(2, null, () => 0.25)).toBe(500);
  });

  test("starts slower when the server asked for less", () => {
    expect(backoffMs(0, "rate_limited", longest)).toBe(4_000);
    expect(backoffMs(0, "too_slow", longest)).toBe(500);
  });
});
