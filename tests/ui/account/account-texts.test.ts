/** What the account page says of sessions and codes, and the QR code it draws. */
import { describe, expect, test } from "bun:test";
import { encode } from "uqr";
import { qrPath } from "../../../ui/features/account/qr-path.ts";
import { recoverySheet } from "../../../ui/features/account/recovery-sheet.ts";
import { describeUserAgent } from "../../../ui/features/account/user-agent.ts";

describe("a session", () => {
  test.each([
    ["Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "Firefox on Linux"],
    [
      "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36 Edg/120.0.0.0",
      "Edge on Windows",
    ],
    [
      "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Mobile Safari/537.36",
      "Chrome on Android",
    ],
    [
      "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.2 Safari/605.1.15",
      "Safari on macOS",
    ],
    ["curl/8.5.0", "curl"],
    ["", "Unknown program"],
    [`my-script ${"x".repeat(100)}`, `my-script ${"x".repeat(30)}`],
  ])("of %j is called %j", (text, words) => expect(describeUserAgent(text)).toBe(words));
});

test("the sheet of recovery codes says whose they are and holds each", () => {
  const sheet = recoverySheet("ada", "cloud.example", ["aaaa-bbbb", "cccc-dddd"], Date.UTC(2026, 1, 3));
  expect(sheet).toStartWith("Recovery codes of ada at cloud.example, made on 2026-02-03\n");
  expect(sheet.split("\n")).toContain("cccc-dddd");
});

test("the path of a QR code has one square for every dark module, and a quiet border", () => {
  const text = "otpauth://totp/Twarga%20Cloud:ada?secret=JBSWY3DPEHPK3PXP&issuer=Twarga%20Cloud";
  const { size, path } = qrPath(text);
  const dark = encode(text, { ecc: "M", border: 4 }).data.flat().filter(Boolean).length;
  const squares = [...path.matchAll(/M(\d+) (\d+)h1v1h-1z/g)].map((match) => [
    Number(match[1]),
    Number(match[2]),
  ]);
  expect(squares).toHaveLength(dark);
  for (const at of squares.flat()) {
    expect(at).toBeGreaterThanOrEqual(4);
    expect(at).toBeLessThan(size - 4);
  }
});
