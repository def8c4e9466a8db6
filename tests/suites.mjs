/** The suites of `npm test`, each in a process of its own: one line when it ends, and all it printed when it fails. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { projectDir } from "../server/launch/process.mjs";
import { countResults, skippedGroups } from "./junit.mjs";
import { capture, reportStep } from "./steps.mjs";

const testsDir = join(projectDir, "tests");

/** Folders whose parts are suites of their own, so that a long run shows where it is. */
const DIVIDED = new Set(["server", "drivers", "e2e"]);
/** Last: they take longest, and say little while a part below them is broken. */
const LAST = ["drivers", "e2e"];

/** For tests that name no limit of their own; Bun's 5 s are too few for a busy or slow machine. */
const TIMEOUT_MS = 30_000;

const isSuite = (entry) => entry.isDirectory() || entry.name.endsWith(".test.ts");

function listSuites(path) {
  const entries = readdirSync(join(testsDir, path), { withFileTypes: true }).filter(isSuite);
  const hasTests = (name) =>
    name.endsWith(".test.ts") ||
    readdirSync(join(testsDir, path, name), { recursive: true }).some((file) => file.endsWith(".test.ts"));
  return entries
    .filter(({ name }) => hasTests(name))
    .flatMap(({ name }) => (path === "" && DIVIDED.has(name) ? listSuites(name) : [join(path, name)]));
}

/** Paths inside tests/, in the order in which they run. */
export function allSuites() {
  const rank = (path) => LAST.indexOf(path.split("/")[0]);
  return listSuites("").toSorted((a, b) => rank(a) - rank(b) || a.localeCompare(b));
}

/** The settings of whoever runs the tests must not reach the servers that the tests start. */
function testEnvironment() {
  const isSetting = (name) => name.startsWith("TWARGA_") || name === "PORT" || name === "HOST";
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !isSetting(name)));
}

function describeCounts({ passed, failed, skipped }) {
  const parts = [`${passed} passed`];
  if (failed > 0) parts.push(`${failed} failed`);
  if (skipped > 0) parts.push(`${skipped} skipped`);
  return parts.join(", ");
}

/** Resolves with what passed, failed and was skipped. */
export async function runSuite(bun, path, reportDir) {
  const reportFile = join(reportDir, `${path.replaceAll("/", "-")}.xml`);
  const report = ["--only-failures", "--reporter=junit", `--reporter-outfile=${reportFile}`];
  const args = ["test", `--timeout=${TIMEOUT_MS}`, ...report];
  const startedAtMs = Date.now();
  // `./`, because `bun test` takes a bare name for a part of any path.
  const { code, text } = await capture(bun, [...args, `./tests/${path}`], { env: testEnvironment() });
  const counts = countResults(reportFile, code);
  const isOk = counts.failed === 0;
  reportStep(isOk, `${path}: ${describeCounts(counts)}`, startedAtMs, text);
  for (const { title, count } of skippedGroups(reportFile)) console.log(`skip      ${title} (${count})`);
  return counts;
}
