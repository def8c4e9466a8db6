/** Whoever sends a wrong field is told what is allowed, in our words and not in those of the schema library. */
import { expect, test } from "bun:test";
import { type CommandSpec, commands } from "#protocol";
import { z } from "zod";
import { toInputError } from "../../server/gateway/input-error.ts";

const wrongValues: readonly unknown[] = [
  ...[undefined, null, true, false, "", "x", "1 OR 1=1", "\u0000", "x".repeat(5_000)],
  ...[0, -1, 1.5, Number.POSITIVE_INFINITY, Number.NaN, 2 ** 53, 2 ** 40, [], [1], {}, new Date(0)],
];
const libraryWords = /invalid|too small|too big|expected|received|unrecognized|pattern|NaN|undefined/i;

const cases = Object.entries<CommandSpec>(commands).flatMap(([name, { input }]) =>
  input instanceof z.ZodObject ? Object.keys(input.shape).map((field) => ({ name, input, field })) : [],
);

test.each(cases)("$name says what $field must be", ({ input, field }) => {
  const messages = new Map<string, string>();
  for (const value of wrongValues) {
    const issues = input.safeParse({ [field]: value }).error?.issues ?? [];
    const issue = issues.find(({ path }) => path[0] === field);
    if (issue) messages.set(toInputError(new z.ZodError([issue])).message, issue.path.join("."));
  }
  expect(messages.size).toBeGreaterThan(0);
  for (const [message, path] of messages) {
    expect(message).toStartWith(`${path} must be `);
    expect(message).not.toMatch(libraryWords);
  }
});

test.each(Object.entries<CommandSpec>(commands))(
  "%s says that its input is an object",
  (_name, { input }) => {
    for (const value of [undefined, null, [], "x", 5]) {
      const { error } = input.safeParse(value);
      expect(error && toInputError(error).message).toBe(
        "The input must be an object with the command's fields",
      );
    }
  },
);

test("a field that does not exist is named, unless its name is none", () => {
  const refusal = (key: string) => {
    const { error } = commands["vm.list"].input.safeParse({ [key]: 1 });
    return error && toInputError(error).message;
  };
  expect(refusal("ownerId")).toBe("There is no field ownerId");
  expect(refusal("<script>")).toBe("There is no such field");
});
