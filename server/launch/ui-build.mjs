/** Builds the browser's part when its sources are others than those of the last build. */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { projectDir, runStep } from "./process.mjs";

const stampFile = join(projectDir, "node_modules", ".cache", "twarga", "ui");
const sources = ["ui", "server/protocol", "package-lock.json"];

function listFiles(path) {
  const entries = readdirSync(path, { withFileTypes: true });
  return entries.flatMap((entry) => {
    const full = join(path, entry.name);
    if (entry.isDirectory()) return full === join(projectDir, "ui", "dist") ? [] : listFiles(full);
    return [full];
  });
}

function hashSources() {
  const hash = createHash("sha256");
  const files = sources.flatMap((source) => {
    const full = join(projectDir, source);
    return source.endsWith(".json") ? [full] : listFiles(full);
  });
  for (const file of files.sort()) {
    hash.update(relative(projectDir, file)).update("\0").update(readFileSync(file)).update("\0");
  }
  return hash.digest("hex");
}

export function ensureUi() {
  const hash = hashSources();
  const isBuilt = existsSync(join(projectDir, "ui", "dist", "index.html"));
  if (isBuilt && existsSync(stampFile) && readFileSync(stampFile, "utf8") === hash) return;
  console.log("Building the web page ...");
  runStep("Building the web page", process.execPath, [
    join(projectDir, "node_modules", "vite", "bin", "vite.js"),
    "build",
    "--config",
    "ui/vite.config.ts",
    "--logLevel",
    "error",
  ]);
  mkdirSync(dirname(stampFile), { recursive: true });
  writeFileSync(stampFile, hash);
}
