/** Words for times, and the path of a sparkline. */
import { describe, expect, test } from "bun:test";
import { sparklinePaths } from "../../../ui/shared/components/sparkline-path.ts";
import { formatRelative } from "../../../ui/shared/format/time.ts";

const MINUTE = 60_000;

describe("a time in words", () => {
  test.each([
    [0, "just now"],
    [-5_000, "just now"],
    [59_000, "just now"],
    [MINUTE, "1 min ago"],
    [59 * MINUTE, "59 min ago"],
    [3 * 60 * MINUTE, "3 hr ago"],
    [48 * 60 * MINUTE, "2 days ago"],
  ])("%d ms old reads %s", (ageMs, words) => {
    expect(formatRelative(1_000_000_000 - ageMs, 1_000_000_000)).toBe(words);
  });
});

describe("a sparkline", () => {
  const box = { width: 100, height: 22 };

  test("needs two values", () => {
    expect(sparklinePaths([5], box, 100, 5).line).toBe("");
  });

  test("goes from left to right and upside up", () => {
    expect(sparklinePaths([0, 100], box, 100, 2).line).toBe("M0.0 21.0L100.0 1.0");
  });

  test("grows from the right while the history is short, and shows the newest of a long one", () => {
    expect(sparklinePaths([0, 0], box, 100, 5).line).toBe("M75.0 21.0L100.0 21.0");
    expect(sparklinePaths([100, 0, 0], box, 100, 2).line).toBe("M0.0 21.0L100.0 21.0");
  });

  test("keeps values that are out of range inside", () => {
    expect(sparklinePaths([-50, 150], box, 100, 2).line).toBe("M0.0 21.0L100.0 1.0");
  });
});
