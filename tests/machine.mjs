/** Brings the machine to where every suite can run, or says what it lacks and which suites that skips. */
import { spawnSync } from "node:child_process";
import { capture, reportStep } from "./steps.mjs";

/** What the browser tests need; vms/setup-vm.sh knows what VMs need. */
const BROWSER_PACKAGES = ["chromium", "openssh-client"];
const SETUP_SCRIPT = "vms/setup-vm.sh";
const CONTAINERS_SCRIPT = "vms/setup-containers.sh";
/** The exit code of that script for "not possible on this kind of machine". */
const UNSUPPORTED = 3;
/** More of a failed set-up than anybody reads. */
const SHOWN_LINES = 40;

const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
const succeeds = (command, args) => spawnSync(command, args, { stdio: "ignore" }).status === 0;
const has = (command) => succeeds("sh", ["-c", `command -v ${command}`]);
const skip = (what, why) => console.log(`skip  ${what}: ${why}`);

function missingPackages(names) {
  return names.filter((name) => {
    const query = ["-W", "-f=${db:Status-Status}", name];
    const { status, stdout } = spawnSync("dpkg-query", query, { encoding: "utf8" });
    return status !== 0 || stdout !== "installed";
  });
}

/** Ubuntu has Chromium as a snap alone, which no test can start. */
function isInstallable(name) {
  const { stdout } = spawnSync("apt-cache", ["policy", name], {
    encoding: "utf8",
    env: { ...env, LC_ALL: "C" },
  });
  return /Candidate: (?!\(none\))/.test(stdout ?? "");
}

const tail = (text) => text.trimEnd().split("\n").slice(-SHOWN_LINES).join("\n");

/** Resolves with the number of failed steps. */
async function prepareBrowser() {
  const missing = missingPackages(BROWSER_PACKAGES);
  if (missing.length === 0) return 0;
  console.log(`Installing ${missing.join(" and ")} (once, a few minutes) ...`);
  const startedAtMs = Date.now();
  // Lists may be missing or old on a fresh machine.
  const update = await capture("apt-get", ["update", "-q"], { env });
  if (!missing.every(isInstallable)) {
    skip("tests in a browser", `this system has no package ${missing.find((name) => !isInstallable(name))}`);
    return 0;
  }
  const install = ["install", "-y", "-q", "--no-install-recommends", ...missing];
  const { code, text } = await capture("apt-get", install, { env });
  reportStep(code === 0, "packages for tests in a browser", startedAtMs, tail(update.text + text));
  return code === 0 ? 0 : 1;
}

/** Resolves with the number of failed steps. */
async function prepareVms() {
  if (!has("vagrant")) console.log("Installing Vagrant, libvirt and QEMU (once, a few minutes) ...");
  const startedAtMs = Date.now();
  const { code, text } = await capture("sh", [SETUP_SCRIPT, "--yes"], { env });
  if (code === UNSUPPORTED) skip("tests of real VMs", text.trim().split("\n").at(-1));
  else reportStep(code === 0, "libvirt, network and lab box", startedAtMs, tail(text));
  return code === 0 || code === UNSUPPORTED ? 0 : 1;
}

/** Resolves with the number of failed steps. */
async function prepareContainers() {
  if (!has("podman")) console.log("Installing Podman (once, a minute) ...");
  const startedAtMs = Date.now();
  const { code, text } = await capture("sh", [CONTAINERS_SCRIPT, "--yes"], { env });
  if (code === UNSUPPORTED) skip("tests of containers", text.trim().split("\n").at(-1));
  else reportStep(code === 0, "Podman and the lab container", startedAtMs, tail(text));
  return code === 0 || code === UNSUPPORTED ? 0 : 1;
}

/** Resolves with the number of set-up steps that failed; what cannot be here, or needs root, is no failure. */
export async function prepareMachine() {
  if (process.getuid?.() === 0 && has("apt-get"))
    return (await prepareBrowser()) + (await prepareVms()) + (await prepareContainers());
  if (!has("chromium")) skip("tests in a browser", "chromium is not installed");
  if (!has("vagrant")) skip("tests of real VMs", "Vagrant is not installed (npm run setup:vm)");
  if (!has("podman")) skip("tests of containers", "Podman is not installed (npm run setup:containers)");
  return 0;
}
