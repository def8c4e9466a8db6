/** How amounts of credits are written. */
import { expect, test } from "bun:test";
import {
  creditWords,
  formatCreditChange,
  formatCredits,
  formatCreditsSteady,
  formatPrice,
} from "../../../ui/shared/format/credits.ts";

test("milli-credits are credits with up to three decimals", () => {
  expect([0, 1, 100, 1_000, 12_500, 1_234_567, 100_000].map(formatCredits)).toEqual([
    "0",
    "0.001",
    "0.1",
    "1",
    "12.5",
    "1,234.567",
    "100",
  ]);
});

test("a number that counts down keeps its width and is never rounded up", () => {
  expect(formatCreditsSteady(100_000)).toBe("100.00");
  expect(formatCreditsSteady(99_999)).toBe("99.99");
  expect(formatCreditsSteady(1)).toBe("0.00");
  expect(formatCreditsSteady(1_999, 0)).toBe("1");
  expect(formatCreditsSteady(1_234_567, 3)).toBe("1,234.567");
});

test("a change of the balance has its sign", () => {
  expect([5_000, -250, 0].map(formatCreditChange)).toEqual(["+5", "\u22120.25", "0"]);
});

test("one credit is singular", () => {
  expect(creditWords(1_000)).toBe("1 credit");
  expect(creditWords(2_100)).toBe("2.1 credits");
  expect(creditWords(0)).toBe("0 credits");
  expect(formatPrice(2_100)).toBe("2.1 credits/h");
});
