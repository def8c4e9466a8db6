/** OpenAPI 3.1 from the command table: what `/docs` shows is what dispatch runs. */
import type { ErrorCode } from "#protocol";
import { commands, errorCodes, wireError } from "#protocol";
import { z } from "zod";
import type { ZodOpenApiOperationObject, ZodOpenApiPathsObject } from "zod-openapi";
import { createDocument } from "zod-openapi";
import { SESSION_COOKIE } from "../core/ports.ts";
import { KEY_RULE } from "./only-once.ts";
import type { RestEntry, RestRoute } from "./rest.ts";

const errorBody = z.object({ error: wireError }).meta({ id: "Error" });

const keyHeader = z.object({
  "Idempotency-Key": z
    .string()
    .optional()
    .meta({
      description: `${KEY_RULE}. For a day, the same request with the same key gets the first answer again.`,
    }),
});

export function openApiJson(routes: readonly RestRoute[], version: string): string {
  const paths: ZodOpenApiPathsObject = {};
  for (const route of routes) {
    paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: operationOf(route) };
  }
  const document = createDocument({
    openapi: "3.1.0",
    info: {
      title: "Twarga Cloud",
      version,
      description: "The commands of the socket as HTTP. Live events and terminals travel on `/ws` only.",
    },
    servers: [{ url: "/" }],
    security: [{ bearer: [] }, { cookie: [] }],
    paths,
    components: {
      securitySchemes: {
        bearer: {
          type: "http",
          scheme: "bearer",
          description: "An API token (`twc_...`), or the token of a log-in.",
        },
        cookie: { type: "apiKey", in: "cookie", name: SESSION_COOKIE },
      },
    },
  });
  return JSON.stringify(document);
}

function operationOf(route: RestRoute): ZodOpenApiOperationObject {
  const [first] = route.entries;
  if (!first) throw new Error(`${route.path} has no command`);
  const spec = commands[first.name];
  const pathNames = new Set([...route.path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]));
  const fields = spec.input.shape;
  const path = pickFields(fields, (name) => pathNames.has(name));
  const rest = pickFields(fields, (name) => !pathNames.has(name));
  const isGet = route.method === "GET" || route.method === "DELETE";
  const isKeyed =
    route.method === "POST" && route.entries.every(({ rest: { session } }) => session === undefined);
  const isPublic = route.entries.every((entry) => commands[entry.name].access === "public");
  return {
    operationId: first.rest.action === undefined ? first.name : `${tagOf(first)}.action`,
    tags: [tagOf(first)],
    summary: summaryOf(route),
    ...(isPublic && { security: [] }),
    requestParams: {
      path: z.object(path),
      ...(isGet && { query: z.object(rest) }),
      ...(isKeyed && { header: keyHeader }),
    },
    ...(!isGet && { requestBody: { content: { "application/json": { schema: bodyOf(route, rest) } } } }),
    responses: {
      [String(first.rest.status ?? 200)]: {
        description: "Done",
        content: contentOf(first),
      },
      default: { description: errorList(), content: { "application/json": { schema: errorBody } } },
    },
  };
}

/** A file is the body itself. */
function contentOf({ name, rest }: RestEntry) {
  if (rest.reply === "file") return { "text/csv": { schema: z.string().meta({ format: "binary" }) } };
  return { "application/json": { schema: commands[name].output } };
}

function pickFields(fields: Readonly<Record<string, z.ZodType>>, wanted: (name: string) => boolean) {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => wanted(name)));
}

function bodyOf(route: RestRoute, fields: Readonly<Record<string, z.ZodType>>): z.ZodType {
  const actions = route.entries.flatMap((entry) => entry.rest.action ?? []);
  return actions.length === 0
    ? z.strictObject(fields)
    : z.strictObject({ action: z.enum(actions), ...fields });
}

function summaryOf(route: RestRoute): string {
  const summaries = route.entries.map((entry) =>
    entry.rest.action === undefined
      ? commands[entry.name].summary
      : `${entry.rest.action}: ${commands[entry.name].summary}`,
  );
  return summaries.join("; ");
}

function tagOf(entry: RestEntry): string {
  return entry.name.split(".")[0] ?? entry.name;
}

function errorList(): string {
  const codes = Object.keys(errorCodes).filter((code): code is ErrorCode => Object.hasOwn(errorCodes, code));
  return `Refused:\n\n${codes.map((code) => `- \`${code}\` (${errorCodes[code].http}): ${errorCodes[code].meaning}`).join("\n")}`;
}
