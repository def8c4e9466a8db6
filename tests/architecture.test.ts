/** Holds the shape of the project: who may import whom, no circles, bounded files, no `any`, no async transactions. */
import { expect, test } from "bun:test";
import ts from "typescript";
import { allowedFrom, isArrowAllowed, isPackageAllowed, lineLimit, partOf } from "./architecture/layers.ts";
import { blockLines, readSources, type SourceFile } from "./architecture/source-files.ts";

const sources = await readSources();
const byPath = new Map(sources.map((source) => [source.path, source]));
const isProjectFile = (name: string) => /^(server|ui|db|tests|bench)\//.test(name) || name === "package.json";

const MAX_TEMPLATE_LINES = 80;
const MAX_SCRIPT_LINES = 120;

/** Shows every fault at once, with the way out. */
function expectNone(faults: readonly string[], wayOut: string): void {
  if (faults.length > 0) expect.unreachable(`${faults.join("\n")}\n\n${wayOut}`);
}

const place = (source: SourceFile, node: ts.Node) =>
  `${source.path}:${source.tree.getLineAndCharacterOfPosition(node.getStart()).line + 1}`;

function findNodes(source: SourceFile, isFault: (node: ts.Node) => boolean): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (isFault(node)) found.push(place(source, node));
    ts.forEachChild(node, visit);
  };
  visit(source.tree);
  return found;
}

function isAsyncTransaction(node: ts.Node): boolean {
  if (!ts.isCallExpression(node)) return false;
  const callee = ts.isPropertyAccessExpression(node.expression)
    ? node.expression.name.text
    : node.expression.getText();
  if (callee !== "tx" && callee !== "transaction") return false;
  return node.arguments.some(
    (argument) =>
      (ts.isArrowFunction(argument) || ts.isFunctionExpression(argument)) &&
      argument.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.AsyncKeyword),
  );
}

function isSpawnWithoutEnv(node: ts.Node): boolean {
  if (!ts.isCallExpression(node) || !/^Bun\.spawn(Sync)?$/.test(node.expression.getText())) return false;
  const options = node.arguments.find((argument) => ts.isObjectLiteralExpression(argument));
  return !options?.properties.some((property) => property.name?.getText() === "env");
}

/** Strongly connected sets of files, found by one depth-first walk (Tarjan). */
function findCircles(): string[][] {
  const order = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const circles: string[][] = [];
  const visit = (path: string): void => {
    const index = order.size;
    order.set(path, index);
    low.set(path, index);
    stack.push(path);
    for (const next of byPath.get(path)?.imports ?? []) {
      if (!byPath.has(next)) continue;
      if (!order.has(next)) visit(next);
      if (stack.includes(next)) low.set(path, Math.min(low.get(path) ?? index, low.get(next) ?? index));
    }
    if (low.get(path) !== index) return;
    const members = stack.splice(stack.indexOf(path));
    if (members.length > 1) circles.push(members.toSorted());
  };
  for (const { path } of sources) if (!order.has(path)) visit(path);
  return circles;
}

test("every file of the project is read", () => {
  expect(sources.length).toBeGreaterThan(50);
  expect(byPath.has("server/protocol/index.ts")).toBe(true);
});

test("no import circle, not even of types", () => {
  expectNone(
    findCircles().map((members) => `circle: ${members.join(" <-> ")}`),
    "Move what both sides need into a third file that imports neither.",
  );
});

test("every import points the allowed way", () => {
  const faults = sources.flatMap(({ path, imports }) =>
    imports
      .filter((name) => isProjectFile(name) && !isArrowAllowed(path, name))
      .map((name) => `${path} imports ${name}; ${partOf(path)} may import: ${allowedFrom(path)}`),
  );
  expectNone(
    faults,
    "A feature that needs another asks for a small function in its deps, which server/app.ts passes in, or listens on the bus.\n" +
      "Types that two parts share belong to server/protocol (on the wire) or server/core (inside).",
  );
});

test("the protocol and the socket client stay free of packages", () => {
  const faults = sources.flatMap(({ path, imports }) =>
    imports
      .filter((name) => !isProjectFile(name) && !isPackageAllowed(path, name))
      .map((name) => `${path} imports ${name}`),
  );
  expectNone(faults, "Both sides load these files: pass in what is needed (a WebSocket class, a clock).");
});

test("no file is over its limit of lines", () => {
  const faults = sources
    .filter(({ path, lines }) => lines > lineLimit(path))
    .map(({ path, lines }) => `${path}: ${lines} lines, limit ${lineLimit(path)}`);
  expectNone(faults, "Find the second idea in the file and give it a file with its name.");
});

test("no component is over its limits", () => {
  const components = sources.filter(({ path }) => path.endsWith(".vue"));
  const overLimit = (tag: "template" | "script", limit: number) =>
    components
      .filter(({ text }) => blockLines(text, tag) > limit)
      .map(({ path, text }) => `${path}: ${tag} of ${blockLines(text, tag)} lines, limit ${limit}`);
  const faults = [...overLimit("template", MAX_TEMPLATE_LINES), ...overLimit("script", MAX_SCRIPT_LINES)];
  expectNone(faults, "Cut the page into components; move state to a store and rules to a pure function.");
});

test("nothing is typed any", () => {
  const faults = sources.flatMap((source) =>
    findNodes(source, (node) => node.kind === ts.SyntaxKind.AnyKeyword),
  );
  expectNone(faults, "Use `unknown` and parse it once at the edge.");
});

test("no transaction has an async callback", () => {
  const faults = sources
    // The test that proves the ban must break it.
    .filter(({ path }) => !path.startsWith("tests/"))
    .flatMap((source) => findNodes(source, isAsyncTransaction));
  expectNone(
    faults,
    "bun:sqlite commits when the callback returns its promise, before the work is done: read and await first, then write in one synchronous callback.",
  );
});

test("every program the server starts is given its environment", () => {
  const faults = sources
    .filter(({ path }) => /^server\/(core|drivers|features|gateway)\//.test(path))
    .filter(({ path }) => !path.endsWith("/generate-docs.ts"))
    .flatMap((source) => findNodes(source, isSpawnWithoutEnv));
  expectNone(
    faults,
    "Without `env` a child gets the environment of the server's start, secrets included: pass `childEnvironment()` or a shorter list.",
  );
});

test("every file says in its first line what it is for", () => {
  const faults = sources
    .filter(({ path, text }) => {
      const body = text.replace(/^#!.*\n/, "");
      return !(path.endsWith(".vue") ? /^<!--\s*\S/ : /^\/\*\*\s*(\*\s)?[^\s*]/).test(body);
    })
    .map(({ path }) => path);
  expectNone(
    faults,
    "Start with one sentence: `/** What this file is for. */`, in components `<!-- ... -->`.",
  );
});
