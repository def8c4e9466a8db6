/** Values of a path or a query become what the fields of the command are, for every command that has them. */
import { expect, test } from "bun:test";
import { z } from "zod";
import type { CommandSpec } from "#protocol";
import { commands } from "#protocol";
import { restInput } from "../../../server/gateway/rest-input.ts";

const specs: [string, CommandSpec][] = Object.entries(commands);

/** A value of the field as text, and as the command gets it. */
function sampleOf(field: z.core.$ZodType): { text: string; value: unknown } {
  const { type } = z.toJSONSchema(field, { io: "input" });
  if (type === "integer" || type === "number") return { text: "7", value: 7 };
  if (type === "boolean") return { text: "true", value: true };
  if (type === "string") return { text: "7", value: "7" };
  throw new Error(`A path or a query cannot carry a field of type ${String(type)}`);
}

const cases = specs.flatMap(([name, { rest, input }]) => {
  if (!rest || !(input instanceof z.ZodObject)) return [];
  const inPath = new Set([...rest.path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]));
  const hasQuery = rest.method === "GET" || rest.method === "DELETE";
  return Object.entries(input.shape)
    .filter(([field]) => hasQuery || inPath.has(field))
    .map(([field, schema]) => ({ name, field, input, schema, isInPath: inPath.has(field) }));
});

test("there are such commands", () => expect(cases.length).toBeGreaterThan(50));

test.each(cases)("$name takes $field", ({ field, input, schema, isInPath }) => {
  const { text, value } = sampleOf(schema);
  const path = isInPath ? { [field]: text } : {};
  const query = new URLSearchParams(isInPath ? {} : { [field]: text });
  expect(restInput(input, { path, query, body: {} })).toEqual({ [field]: value });
});
