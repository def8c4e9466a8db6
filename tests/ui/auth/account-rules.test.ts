/** The hints beside the fields of an account agree with the protocol's rules. */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import {
  isPassword,
  isUsername,
  passwordHints,
  usernameHints,
} from "../../../ui/features/auth/account-rules.ts";

const allMet = (hints: readonly { isMet: boolean }[]) => hints.every(({ isMet }) => isMet);

describe("hints", () => {
  test("of a user name are all met exactly when the name is allowed", () => {
    const names = fc.oneof(fc.string(), fc.stringMatching(/^[a-zA-Z0-9_-]{0,34}$/));
    fc.assert(fc.property(names, (name) => allMet(usernameHints(name)) === isUsername(name)));
  });

  test("of a password are met exactly when it is allowed", () => {
    expect(allMet(passwordHints("1234567"))).toBe(false);
    expect(allMet(passwordHints("12345678"))).toBe(true);
    expect(isPassword("x".repeat(129))).toBe(false);
  });
});
