#!/usr/bin/env node
/** `npm run check`: the fast part of the tests, for the minutes between two changes. */
import { ensureBun, ensurePackages } from "../server/launch/packages.mjs";
import { main } from "../server/launch/process.mjs";
import { checkSteps } from "./check-steps.mjs";
import { runSteps } from "./steps.mjs";

await main(async () => {
  ensurePackages({ withDev: true });
  const { failed } = await runSteps(checkSteps(ensureBun(), { withArchitecture: true }));
  return failed === 0 ? 0 : 1;
});
