/** One check after the other in child processes, with its time, and its output only when it fails. */
import { spawn } from "node:child_process";
import { projectDir } from "../server/launch/process.mjs";

/** Resolves with the exit code and everything printed. */
export function capture(command, args, options = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: projectDir, stdio: ["ignore", "pipe", "pipe"], ...options });
    let text = "";
    child.stdout.on("data", (chunk) => (text += chunk));
    child.stderr.on("data", (chunk) => (text += chunk));
    child.on("error", (error) => resolve({ code: 1, text: String(error) }));
    child.on("close", (code) => resolve({ code: code ?? 1, text }));
  });
}

/** Runs steps side by side and prints each as it ends; resolves with the number that passed and failed. */
export async function runSteps(steps) {
  const results = await Promise.all(
    steps.map(async ({ name, command, args }) => {
      const startedAtMs = Date.now();
      const { code, text } = await capture(command, args);
      const seconds = ((Date.now() - startedAtMs) / 1000).toFixed(1);
      console.log(`${code === 0 ? "ok  " : "FAIL"}  ${name} (${seconds} s)`);
      if (code !== 0) console.log(text.trimEnd().replaceAll(/^/gm, "      "));
      return code === 0;
    }),
  );
  const passed = results.filter(Boolean).length;
  return { passed, failed: results.length - passed };
}
