/** Reads every source file of the project and what it imports, types included. */
import { dirname, join, relative, resolve } from "node:path";
import { Glob } from "bun";
import ts from "typescript";

export const projectDir = resolve(import.meta.dir, "../..");

export interface SourceFile {
  /** Relative to the project, with `/`. */
  readonly path: string;
  readonly text: string;
  readonly lines: number;
  /** The syntax tree; of a component, that of its script. */
  readonly tree: ts.SourceFile;
  /** Project files as paths, packages by name, built-ins with their scheme. */
  readonly imports: readonly string[];
}

const roots = ["server", "ui", "db", "tests", "bench"];
const ignored = /(^|\/)(node_modules|dist|out|migrations)\//;

/** The "imports" of package.json. */
const aliases: Record<string, string> = {
  "#protocol": "server/protocol/index.ts",
  "#client": "ui/socket/index.ts",
};

const lineCount = (text: string) => text.split("\n").length - (text.endsWith("\n") ? 1 : 0);

export function blockOf(component: string, tag: "script" | "template"): string {
  // The outermost block: templates may nest, so up to the last closing tag.
  return new RegExp(`<${tag}[^>]*>\\n?([\\s\\S]*)</${tag}>`).exec(component)?.[1] ?? "";
}

export function blockLines(component: string, tag: "script" | "template"): number {
  return lineCount(blockOf(component, tag));
}

function specifiersOf(tree: ts.SourceFile): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (
      (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) &&
      node.moduleSpecifier !== undefined
    ) {
      if (ts.isStringLiteral(node.moduleSpecifier)) found.push(node.moduleSpecifier.text);
    }
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      const [specifier] = node.arguments;
      if (specifier !== undefined && ts.isStringLiteralLike(specifier)) found.push(specifier.text);
    }
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return found;
}

function resolveImport(specifier: string, from: string): string {
  const alias = aliases[specifier];
  if (alias !== undefined) return alias;
  if (!specifier.startsWith(".")) return specifier;
  return relative(projectDir, resolve(projectDir, dirname(from), specifier.replace(/\?.*$/, "")));
}

async function readSource(path: string): Promise<SourceFile> {
  const text = await Bun.file(join(projectDir, path)).text();
  const script = path.endsWith(".vue") ? blockOf(text, "script") : text;
  const tree = ts.createSourceFile(path, script, ts.ScriptTarget.Latest, true, ts.ScriptKind.TS);
  const imports = [...new Set(specifiersOf(tree).map((specifier) => resolveImport(specifier, path)))];
  return { path, text, lines: lineCount(text), tree, imports };
}

export async function readSources(): Promise<SourceFile[]> {
  const paths: string[] = [];
  for (const root of roots)
    for await (const path of new Glob(`${root}/**/*.{ts,vue,mjs}`).scan({ cwd: projectDir }))
      if (!ignored.test(path)) paths.push(path);
  return Promise.all(paths.toSorted().map((path) => readSource(path)));
}
