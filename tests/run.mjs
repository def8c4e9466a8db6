#!/usr/bin/env node
/** `npm test`: sets itself up, runs every check and every suite, and ends with `N passed, N failed, N skipped`. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureBun, ensurePackages } from "../server/launch/packages.mjs";
import { main } from "../server/launch/process.mjs";
import { ensureUi } from "../server/launch/ui-build.mjs";
import { checkSteps } from "./check-steps.mjs";
import { prepareMachine } from "./machine.mjs";
import { runSteps } from "./steps.mjs";
import { allSuites, runSuite } from "./suites.mjs";

await main(async () => {
  const reportDir = mkdtempSync(join(tmpdir(), "twarga-tests-"));
  const total = { passed: 0, failed: 0, skipped: 0 };
  const add = (counts) => {
    for (const key of Object.keys(counts)) total[key] += counts[key];
  };
  try {
    ensurePackages({ withDev: true });
    const bun = ensureBun();
    add({ failed: await prepareMachine() });
    add(await runSteps(checkSteps(bun, { withArchitecture: false })));
    // End to end needs the page; built here so that a broken build is seen as such.
    ensureUi();
    // One after the other: several measure time.
    for (const path of allSuites()) add(await runSuite(bun, path, reportDir));
    console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
    return total.failed === 0 ? 0 : 1;
  } finally {
    rmSync(reportDir, { recursive: true, force: true });
  }
});
