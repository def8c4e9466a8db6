/** Counts what a Bun test run did, from its JUnit report. */
import { existsSync, readFileSync } from "node:fs";

const attribute = (tag, name) => Number(new RegExp(`\\b${name}="(\\d+)"`).exec(tag)?.[1] ?? 0);

/** A run that ended without a report, or badly without a failed test, counts as one failure. */
export function countResults(reportFile, exitCode) {
  const report = existsSync(reportFile) ? readFileSync(reportFile, "utf8") : "";
  const tag = /<testsuites\b[^>]*>/.exec(report)?.[0];
  if (tag === undefined) return { passed: 0, failed: 1, skipped: 0 };
  const failed = attribute(tag, "failures") + attribute(tag, "errors");
  const skipped = attribute(tag, "skipped");
  const passed = attribute(tag, "tests") - failed - skipped;
  return { passed, failed: failed === 0 && exitCode !== 0 ? 1 : failed, skipped };
}
