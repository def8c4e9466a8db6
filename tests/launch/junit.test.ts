/** How results of a test run are counted. */
import { expect, test } from "bun:test";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { countResults, skippedGroups } from "../junit.mjs";

function report(attributes: string, content = ""): string {
  const file = join(mkdtempSync(join(tmpdir(), "twarga-junit-")), "report.xml");
  writeFileSync(
    file,
    `<?xml version="1.0"?>\n<testsuites name="bun test" ${attributes}>\n${content}</testsuites>\n`,
  );
  return file;
}

test("passed is what neither failed nor was skipped", () => {
  const file = report(`tests="10" assertions="30" failures="2" skipped="3" time="1.5"`);
  expect(countResults(file, 1)).toEqual({ passed: 5, failed: 2, skipped: 3 });
});

test("a run that ended badly without a failed test counts as one failure", () => {
  expect(countResults(report(`tests="4" failures="0" skipped="0"`), 1).failed).toBe(1);
});

test("a run without a report counts as one failure", () => {
  expect(countResults("/nowhere/report.xml", 0)).toEqual({ passed: 0, failed: 1, skipped: 0 });
});

test("skipped tests are told by their outermost describe, whose title carries the reason", () => {
  const cases = `
    <testcase name="a" classname="inner &gt; pages (no browser: &lt;none&gt;)" time="0"><skipped /></testcase>
    <testcase name="b" classname="pages (no browser: &lt;none&gt;)" time="0">
      <skipped />
    </testcase>
    <testcase name="c" classname="pages" time="0" />
    <testcase name="alone" classname="" time="0"><skipped /></testcase>
  `;
  expect(skippedGroups(report(`tests="4" skipped="3"`, cases))).toEqual([
    { title: "pages (no browser: <none>)", count: 2 },
    { title: "alone", count: 1 },
  ]);
});
