#!/usr/bin/env node
/** `npm test`: sets itself up, runs every check and every suite, and ends with `N passed, N failed, N skipped`. */
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureBun, ensurePackages } from "../server/launch/packages.mjs";
import { main, projectDir } from "../server/launch/process.mjs";
import { ensureUi } from "../server/launch/ui-build.mjs";
import { checkSteps } from "./check-steps.mjs";
import { countResults } from "./junit.mjs";
import { prepareMachine } from "./machine.mjs";
import { runSteps } from "./steps.mjs";

/** The settings of whoever runs the tests must not reach the servers that the tests start. */
function testEnvironment() {
  const isSetting = (name) => name.startsWith("TWARGA_") || name === "PORT" || name === "HOST";
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !isSetting(name)));
}

function runSuite(bun, paths, reportFile) {
  const args = ["test", "--reporter=junit", `--reporter-outfile=${reportFile}`, ...paths];
  const child = spawn(bun, args, { cwd: projectDir, stdio: "inherit", env: testEnvironment() });
  return new Promise((resolve) => {
    child.on("error", () => resolve(countResults(reportFile, 1)));
    child.on("exit", (code) => resolve(countResults(reportFile, code ?? 1)));
  });
}

/** All but end to end, each as a path of its own: `bun test` takes parts of paths. */
function fastSuites() {
  const names = readdirSync(join(projectDir, "tests"), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() || entry.name.endsWith(".test.ts"))
    .map((entry) => entry.name);
  return names.filter((name) => name !== "e2e").map((name) => `./tests/${name}`);
}

await main(async () => {
  const reportDir = mkdtempSync(join(tmpdir(), "twarga-tests-"));
  try {
    ensurePackages({ withDev: true });
    const bun = ensureBun();
    const failedSetups = await prepareMachine();
    const checks = await runSteps(checkSteps(bun, { withArchitecture: false }));
    // End to end needs the page; built here so that a broken build is seen as such.
    ensureUi();
    const fast = await runSuite(bun, fastSuites(), join(reportDir, "fast.xml"));
    const endToEnd = await runSuite(bun, ["./tests/e2e"], join(reportDir, "e2e.xml"));

    const total = (key) => fast[key] + endToEnd[key];
    const failed = total("failed") + checks.failed + failedSetups;
    console.log(`${total("passed") + checks.passed} passed, ${failed} failed, ${total("skipped")} skipped`);
    return failed === 0 ? 0 : 1;
  } finally {
    rmSync(reportDir, { recursive: true, force: true });
  }
});
