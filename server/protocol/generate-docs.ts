/** Fills the tables of PROTOCOL.md from the schemas, so that the document cannot say something else than the code. */
import type { ErrorCode, CloseName, CommandSpec, TopicSpec } from "#protocol";
import {
  BINARY_HEADER_BYTES,
  BINARY_VERSION,
  binaryKinds,
  clientFrame,
  closeCodes,
  commands,
  errorCodes,
  limits,
  serverFrame,
  topics,
} from "#protocol";
import { z } from "zod";

const DOCUMENT = new URL("./PROTOCOL.md", import.meta.url);

type Row = readonly string[];

/** Padded as the formatter pads, so that generating and formatting agree. */
function table(head: Row, rows: readonly Row[]): string {
  const lines = [head, ...rows].map((cells) => cells.map((cell) => cell.replaceAll("|", "\\|")));
  const widths = head.map((_cell, column) =>
    Math.max(3, ...lines.map((cells) => Bun.stringWidth(cells[column] ?? ""))),
  );
  const line = (cells: Row) =>
    `| ${cells.map((cell, column) => cell + " ".repeat((widths[column] ?? 0) - Bun.stringWidth(cell))).join(" | ")} |`;
  const [first = [], ...others] = lines;
  return [line(first), line(widths.map((width) => "-".repeat(width))), ...others.map(line)].join("\n");
}

const code = (text: string) => `\`${text}\``;

interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly items?: JsonSchema;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
}

/** A schema in a few characters: `{vmId: integer, limit?: integer}`. */
export function shapeOf(schema: z.ZodType, io: "input" | "output"): string {
  return shortly(jsonSchemaOf(schema, io));
}

function jsonSchemaOf(schema: z.ZodType, io: "input" | "output"): JsonSchema {
  return z.toJSONSchema(schema, { io, unrepresentable: "any" }) as JsonSchema;
}

function shortly(schema: JsonSchema): string {
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum)
    return schema.enum
      .map((value) => JSON.stringify(value))
      .join(" \\| ")
      .replaceAll("\\|", "|");
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return choices.map(shortly).join(" | ");
  if (schema.type === "array") {
    const item = shortly(schema.items ?? {});
    return item.includes(" | ") ? `(${item})[]` : `${item}[]`;
  }
  if (schema.properties) {
    const required = new Set(schema.required);
    const fields = Object.entries(schema.properties).map(
      ([name, field]) => `${name}${required.has(name) ? "" : "?"}: ${shortly(field)}`,
    );
    return `{${fields.join(", ")}}`;
  }
  return typeof schema.type === "string" ? schema.type : "any";
}

function frameTable(union: typeof clientFrame | typeof serverFrame, io: "input" | "output"): string {
  const rows = union.options.map((option): Row => {
    const { properties = {}, required = [] } = jsonSchemaOf(option, io);
    const needed = new Set(required);
    const fields = Object.entries(properties)
      .filter(([name]) => name !== "t")
      .map(([name, field]) => `${code(`${name}${needed.has(name) ? "" : "?"}: ${shortly(field)}`)}`);
    return [code(String(properties.t?.const)), fields.join("<br>")];
  });
  return table(["`t`", "Fields"], rows);
}

function commandTable(): string {
  const rows = Object.entries<CommandSpec>(commands).map(([name, spec]): Row => {
    const action = spec.rest?.action === undefined ? "" : ` with \`"action":"${spec.rest.action}"\``;
    const rest = spec.rest ? `${code(`${spec.rest.method} ${spec.rest.path}`)}${action}` : "socket only";
    const who = spec.interactive ? `${spec.access}, interactive` : spec.access;
    return [code(name), spec.summary, who, spec.effect, code(shapeOf(spec.input, "input")), rest];
  });
  return table(["Command", "Does", "Who", "Effect", "Input", "REST"], rows);
}

function outputList(): string {
  const rows = Object.entries<CommandSpec>(commands).map(([name, spec]): Row => [
    code(name),
    code(shapeOf(spec.output, "output")),
  ]);
  return table(["Command", "Output"], rows);
}

function topicTable(): string {
  const rows = Object.entries<TopicSpec>(topics).map(([name, spec]): Row => [
    code(name),
    spec.summary,
    code(spec.policy),
    code(spec.scope),
    code(shapeOf(spec.snapshot, "output")),
    code(shapeOf(spec.event, "output")),
  ]);
  return table(["Topic", "Carries", "Policy", "Scope", "Snapshot `data`", "Event `data`"], rows);
}

function errorTable(): string {
  const names = Object.keys(errorCodes) as ErrorCode[];
  return table(
    ["Code", "HTTP", "Meaning"],
    names.map((name) => [code(name), String(errorCodes[name].http), errorCodes[name].meaning]),
  );
}

function closeTable(): string {
  const names = Object.keys(closeCodes) as CloseName[];
  return table(
    ["Code", "Name (the close reason)", "Reconnect", "Meaning"],
    names.map((name) => {
      const { code: number, retry, meaning } = closeCodes[name];
      return [String(number), code(name), retry ? "yes" : "no", meaning];
    }),
  );
}

function limitTable(): string {
  return table(
    ["Limit", "Value"],
    Object.entries(limits).map(([name, value]) => [code(name), String(value)]),
  );
}

function binaryTable(): string {
  const kinds = Object.entries(binaryKinds).map(([name, value]) => `${value} = ${name}`);
  return table(
    ["Byte", "Meaning"],
    [
      ["0", `version, ${BINARY_VERSION}`],
      ["1", `kind: ${kinds.join(", ")}`],
      ["2–3", "reserved, 0"],
      ["4–7", "terminal id, unsigned, big endian"],
      [`${BINARY_HEADER_BYTES}–`, "payload: raw bytes, possibly cut inside a UTF-8 character"],
    ],
  );
}

const sections: Readonly<Record<string, () => string>> = {
  "client-frames": () => frameTable(clientFrame, "input"),
  "server-frames": () => frameTable(serverFrame, "output"),
  "binary-header": binaryTable,
  commands: commandTable,
  outputs: outputList,
  topics: topicTable,
  errors: errorTable,
  "close-codes": closeTable,
  limits: limitTable,
};

/** The document with every generated part renewed; throws when a marker is missing. */
export function renewed(document: string): string {
  let text = document;
  for (const [name, make] of Object.entries(sections)) {
    const [start, end] = [`<!-- generated: ${name} -->`, `<!-- end: ${name} -->`];
    const from = text.indexOf(start);
    const to = text.indexOf(end);
    if (from < 0 || to < from) throw new Error(`PROTOCOL.md lacks the markers of ${name}`);
    text = `${text.slice(0, from + start.length)}\n\n${make()}\n\n${text.slice(to)}`;
  }
  return text;
}

if (import.meta.main) {
  const before = await Bun.file(DOCUMENT).text();
  const after = renewed(before);
  if (process.argv.includes("--check")) {
    if (after !== before) {
      console.error("server/protocol/PROTOCOL.md is stale: run `npm run protocol:generate`");
      process.exit(1);
    }
  } else await Bun.write(DOCUMENT, after);
}
