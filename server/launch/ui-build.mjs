/** Builds the browser's part when its sources are others than those of the last build. */
import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, relative } from "node:path";
import { projectDir, runStep } from "./process.mjs";

const stampFile = join(projectDir, "node_modules", ".cache", "twarga", "ui");
const builtDir = join(projectDir, "ui", "dist");
/** Beside it, so that a rename is all it takes to swap them. */
const nextDir = join(projectDir, "ui", "dist.next");
const lastDir = join(projectDir, "ui", "dist.last");
const isOutput = (path) => [builtDir, nextDir, lastDir].includes(path);
/** A page that is open since before an update still loads its parts by their old names. */
const KEEP_OLD_PARTS_MS = 7 * 24 * 60 * 60 * 1000;

const sources = ["ui", "server/protocol", "package-lock.json"];

function listFiles(path) {
  const entries = readdirSync(path, { withFileTypes: true });
  return entries.flatMap((entry) => {
    const full = join(path, entry.name);
    if (entry.isDirectory()) return isOutput(full) ? [] : listFiles(full);
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

/** Names hold a hash of the content, so old parts and new ones never meet. */
function keepOldParts() {
  const oldParts = join(builtDir, "assets");
  if (!existsSync(oldParts)) return;
  mkdirSync(join(nextDir, "assets"), { recursive: true });
  for (const name of readdirSync(oldParts)) {
    const from = join(oldParts, name);
    const to = join(nextDir, "assets", name);
    if (existsSync(to) || Date.now() - statSync(from).mtimeMs > KEEP_OLD_PARTS_MS) continue;
    cpSync(from, to, { preserveTimestamps: true });
  }
}

/** A server at work goes from the whole old page to the whole new one. */
function swapIn() {
  keepOldParts();
  rmSync(lastDir, { recursive: true, force: true });
  if (existsSync(builtDir)) renameSync(builtDir, lastDir);
  renameSync(nextDir, builtDir);
  rmSync(lastDir, { recursive: true, force: true });
}

export function ensureUi() {
  const hash = hashSources();
  const isBuilt = existsSync(join(builtDir, "index.html"));
  if (isBuilt && existsSync(stampFile) && readFileSync(stampFile, "utf8") === hash) return;
  console.log("Building the web page ...");
  runStep("Building the web page", process.execPath, [
    join(projectDir, "node_modules", "vite", "bin", "vite.js"),
    "build",
    "--config",
    "ui/vite.config.ts",
    "--outDir",
    nextDir,
    "--emptyOutDir",
    "--logLevel",
    "error",
  ]);
  swapIn();
  mkdirSync(dirname(stampFile), { recursive: true });
  writeFileSync(stampFile, hash);
}
