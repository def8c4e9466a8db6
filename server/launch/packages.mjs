/** Installs npm packages when the lock file says others than are there, and makes sure that Bun can run. */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { LaunchError, projectDir, runStep } from "./process.mjs";

const modulesDir = join(projectDir, "node_modules");
const stampFile = join(modulesDir, ".cache", "twarga", "packages");

const readJson = (file) => JSON.parse(readFileSync(file, "utf8"));

function installedVersion(name) {
  const file = join(modulesDir, name, "package.json");
  return existsSync(file) ? readJson(file).version : null;
}

/** npm writes what it installed beside the packages; so an `npm install` by hand counts as well. */
function matchesHiddenLock(lock, withDev) {
  const file = join(modulesDir, ".package-lock.json");
  if (!existsSync(file)) return false;
  const there = readJson(file).packages;
  return Object.entries(lock.packages).every(
    ([path, entry]) =>
      path === "" ||
      entry.optional ||
      entry.devOptional ||
      (entry.dev && !withDev) ||
      there[path]?.version === entry.version,
  );
}

function writeStamp(hash) {
  mkdirSync(dirname(stampFile), { recursive: true });
  writeFileSync(stampFile, hash);
}

function areInstalled(manifest, hash, withDev) {
  const wanted = { ...manifest.dependencies, ...(withDev ? manifest.devDependencies : {}) };
  if (!Object.entries(wanted).every(([name, version]) => installedVersion(name) === version)) return false;
  if (existsSync(stampFile) && readFileSync(stampFile, "utf8") === hash) return true;
  if (!matchesHiddenLock(readJson(join(projectDir, "package-lock.json")), withDev)) return false;
  writeStamp(hash);
  return true;
}

function install(withDev) {
  if (process.versions.bun) {
    // Bun reads package-lock.json when it has no lock file of its own.
    const args = ["install", "--ignore-scripts", "--no-progress", ...(withDev ? [] : ["--production"])];
    return runStep("Installing packages with Bun", process.execPath, args);
  }
  const args = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel", "error"];
  args.push(withDev ? "--include=dev" : "--omit=dev");
  const npmCli = process.env.npm_execpath;
  // The npm that started us, where one did: there may be none on the PATH.
  if (npmCli && /npm-cli\.c?js$/.test(npmCli)) return runStep("npm ci", process.execPath, [npmCli, ...args]);
  return runStep("npm ci", "npm", args);
}

/** `withDev` also asks for what only tests and checks need. */
export function ensurePackages({ withDev }) {
  const manifest = readJson(join(projectDir, "package.json"));
  const lockText = readFileSync(join(projectDir, "package-lock.json"));
  const hash = createHash("sha256").update(lockText).digest("hex");
  if (areInstalled(manifest, hash, withDev)) return;
  // Who has the development packages keeps them over a plain start.
  const keepDev = withDev || Object.keys(manifest.devDependencies).some((name) => installedVersion(name));
  console.log("Installing packages (once, about half a minute) ...");
  install(keepDev);
  writeStamp(hash);
}

/** The stub is a small script; the real one is about 100 MB. Cheaper than running it at every start. */
const STUB_MAX_BYTES = 1024 * 1024;
const isComplete = (binary) => existsSync(binary) && statSync(binary).size > STUB_MAX_BYTES;
const runs = (binary) => isComplete(binary) && spawnSync(binary, ["--version"]).status === 0;

/** The path of a Bun that runs. Installed without scripts, the package holds a stub and is completed here. */
export function ensureBun() {
  if (process.versions.bun) return process.execPath;
  const binary = join(modulesDir, "bun", "bin", "bun.exe");
  if (isComplete(binary)) return binary;
  spawnSync(process.execPath, ["install.js"], { cwd: join(modulesDir, "bun"), stdio: "ignore" });
  if (runs(binary)) return binary;
  const vendorDir = join(modulesDir, "@oven");
  const vendored = existsSync(vendorDir)
    ? readdirSync(vendorDir).map((name) => join(vendorDir, name, "bin", "bun"))
    : [];
  const working = vendored.find(runs);
  if (working) return working;
  throw new LaunchError(
    "Bun could not be set up from its npm package: run `node node_modules/bun/install.js`.",
  );
}
