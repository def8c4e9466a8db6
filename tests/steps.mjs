/** Child processes of a test run: one line each when it ends, with its time, and its output only when it fails. */
import { spawn } from "node:child_process";
import { projectDir } from "../server/launch/process.mjs";

/** Resolves with the exit code and everything printed. */
export function capture(command, args, options = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: projectDir, stdio: ["ignore", "pipe", "pipe"], ...options });
    let text = "";
    child.stdout.setEncoding("utf8").on("data", (chunk) => (text += chunk));
    child.stderr.setEncoding("utf8").on("data", (chunk) => (text += chunk));
    child.on("error", (error) => resolve({ code: 1, text: String(error) }));
    child.on("close", (code) => resolve({ code: code ?? 1, text }));
  });
}

export function reportStep(isOk, what, startedAtMs, text) {
  const seconds = ((Date.now() - startedAtMs) / 1000).toFixed(1);
  console.log(`${isOk ? "ok  " : "FAIL"}  ${what} (${seconds} s)`);
  if (!isOk) console.log(text.trimEnd().replaceAll(/^/gm, "      "));
}

async function runStep({ name, command, args }) {
  const startedAtMs = Date.now();
  const { code, text } = await capture(command, args);
  reportStep(code === 0, name, startedAtMs, text);
  return code === 0;
}

/** Runs steps side by side and prints each as it ends; resolves with the number that passed and failed. */
export async function runSteps(steps) {
  const results = await Promise.all(steps.map(runStep));
  const passed = results.filter(Boolean).length;
  return { passed, failed: results.length - passed };
}
