/** The page on security names no test that does not exist. */
import { expect, test } from "bun:test";
import { join } from "node:path";

const projectDir = join(import.meta.dir, "..");
const page = await Bun.file(join(projectDir, "docs/security.md")).text();
const claims = [...page.matchAll(/`([\w/-]+\.test\.ts)`: (.+?)(?=<br>| *\|)/g)].map(([, file, name]) => ({
  file: file ?? "",
  name: (name ?? "").trim(),
}));

test("has claims to check", () => expect(claims.length).toBeGreaterThan(60));

test.each(claims)("$file proves: $name", async ({ file, name }) => {
  const text = await Bun.file(join(projectDir, "tests", file)).text();
  // Names that hold quotation marks are escaped where they stand.
  expect(text.replaceAll("\\", "")).toContain(name);
});
