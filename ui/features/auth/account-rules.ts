/** The rules of a new account as hints that turn green while one types; the schema of the protocol stays the judge. */
import { password, username } from "#protocol";

export interface RuleHint {
  readonly text: string;
  readonly isMet: boolean;
}

export function usernameHints(value: string): RuleHint[] {
  return [
    { text: "3 to 32 characters", isMet: value.length >= 3 && value.length <= 32 },
    { text: "lower-case letters, digits, - and _", isMet: /^[a-z0-9_-]+$/.test(value) },
    {
      text: "starts with a letter, ends with a letter or digit",
      isMet: /^[a-z]/.test(value) && /[a-z0-9]$/.test(value),
    },
  ];
}

export function passwordHints(value: string): RuleHint[] {
  return [{ text: "8 to 128 characters; long is better than odd", isMet: isPassword(value) }];
}

export function isUsername(value: string): boolean {
  return username.safeParse(value).success;
}

export function isPassword(value: string): boolean {
  return password.safeParse(value).success;
}
