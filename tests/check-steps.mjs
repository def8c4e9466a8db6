/** The fast checks: format, lint, types of both sides, architecture, and that the written protocol is up to date. */
import { join } from "node:path";
import { projectDir } from "../server/launch/process.mjs";

const tool = (path) => join(projectDir, "node_modules", path);

/** `bun` is the path of a Bun that runs; `withArchitecture` is off where all tests run anyway. */
export function checkSteps(bun, { withArchitecture }) {
  const node = process.execPath;
  return [
    // `--no-script`: the subcommand of Bun, not a script of package.json.
    { name: "format", command: bun, args: ["fmt", "--no-script", "--check"] },
    { name: "lint", command: node, args: [tool("oxlint/bin/oxlint")] },
    { name: "types of the server", command: bun, args: ["check", "--no-script"] },
    {
      name: "types of the page",
      command: node,
      args: [tool("vue-tsc/bin/vue-tsc.js"), "--noEmit", "-p", "ui/tsconfig.json"],
    },
    { name: "protocol documents", command: bun, args: ["server/protocol/generate-docs.ts", "--check"] },
    ...(withArchitecture
      ? [{ name: "architecture", command: bun, args: ["test", "tests/architecture.test.ts"] }]
      : []),
  ];
}
