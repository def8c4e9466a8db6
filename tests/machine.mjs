/** Brings the machine to where every suite can run, or says which cannot and why. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { projectDir } from "../server/launch/process.mjs";
import { capture } from "./steps.mjs";

/** What the browser tests need; vms/setup-vm.sh knows what VMs need. */
const BROWSER_PACKAGES = ["chromium", "openssh-client"];
const SETUP_SCRIPT = "vms/setup-vm.sh";

const has = (command) => spawnSync("sh", ["-c", `command -v ${command}`]).status === 0;

function missingPackages(names) {
  return names.filter((name) => {
    const { status, stdout } = spawnSync("dpkg-query", ["-W", "-f=${db:Status-Status}", name], {
      encoding: "utf8",
    });
    return status !== 0 || stdout !== "installed";
  });
}

async function aptInstall(names) {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const install = ["install", "-y", "-q", "--no-install-recommends", ...names];
  const first = await capture("apt-get", install, { env });
  if (first.code === 0) return first;
  // Lists may be missing or old on a fresh machine.
  const update = await capture("apt-get", ["update", "-q"], { env });
  return update.code === 0 ? capture("apt-get", install, { env }) : update;
}

async function step(name, work) {
  const startedAtMs = Date.now();
  const { code, text } = await work();
  const seconds = ((Date.now() - startedAtMs) / 1000).toFixed(1);
  console.log(`${code === 0 ? "ok  " : "FAIL"}  ${name} (${seconds} s)`);
  if (code !== 0) console.log(text.trimEnd().split("\n").slice(-40).join("\n").replaceAll(/^/gm, "      "));
  return code === 0;
}

/** Resolves with the number of set-up steps that failed; skipping for want of root is not a failure. */
export async function prepareMachine() {
  const isRoot = process.getuid?.() === 0;
  if (!isRoot || !has("apt-get") || !has("dpkg-query")) {
    const why = isRoot ? "this is no Debian or Ubuntu" : "not run as root";
    console.log(`skip  set-up of the machine: ${why}.`);
    if (!has("chromium")) console.log("skip  browser tests: chromium is not installed.");
    if (!has("vagrant"))
      console.log("skip  tests of real VMs: vagrant is not installed (sudo npm run setup:vm).");
    return 0;
  }
  let failed = 0;
  const missing = missingPackages(BROWSER_PACKAGES);
  if (
    missing.length > 0 &&
    !(await step(`Debian packages: ${missing.join(", ")}`, () => aptInstall(missing)))
  )
    failed += 1;
  if (existsSync(join(projectDir, SETUP_SCRIPT))) {
    const isReady = await step("virtualisation and the lab box", () =>
      capture("sh", [SETUP_SCRIPT, "--yes"]),
    );
    if (!isReady) failed += 1;
  }
  return failed;
}
