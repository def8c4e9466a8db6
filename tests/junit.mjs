/** Reads from the JUnit report of a Bun test run what it did. */
import { existsSync, readFileSync } from "node:fs";

const attribute = (tag, name) => new RegExp(`\\b${name}="([^"]*)"`).exec(tag)?.[1];
const number = (tag, name) => Number(attribute(tag, name) ?? 0);
const read = (reportFile) => (existsSync(reportFile) ? readFileSync(reportFile, "utf8") : "");

const ENTITIES = { "&lt;": "<", "&gt;": ">", "&quot;": '"', "&apos;": "'", "&amp;": "&" };
const unescape = (text) => text.replaceAll(/&(lt|gt|quot|apos|amp);/g, (entity) => ENTITIES[entity]);

/** A run that ended without a report, or badly without a failed test, counts as one failure. */
export function countResults(reportFile, exitCode) {
  const tag = /<testsuites\b[^>]*>/.exec(read(reportFile))?.[0];
  if (tag === undefined) return { passed: 0, failed: 1, skipped: 0 };
  const failed = number(tag, "failures") + number(tag, "errors");
  const skipped = number(tag, "skipped");
  const passed = number(tag, "tests") - failed - skipped;
  return { passed, failed: failed === 0 && exitCode !== 0 ? 1 : failed, skipped };
}

/** What was skipped, by the outermost `describe`: its title carries the reason. */
export function skippedGroups(reportFile) {
  const groups = new Map();
  for (const [, tag] of read(reportFile).matchAll(/<testcase\b([^>]*)>\s*<skipped\b/g)) {
    // Bun writes the innermost first.
    const outermost = unescape(attribute(tag, "classname") ?? "")
      .split(" > ")
      .at(-1);
    const title = outermost || unescape(attribute(tag, "name") ?? "");
    groups.set(title, (groups.get(title) ?? 0) + 1);
  }
  return [...groups].map(([title, count]) => ({ title, count }));
}
