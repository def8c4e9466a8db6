#!/usr/bin/env node
/** `npm run dev`: the server restarts and the page reloads when their sources change. */
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as util from "node:util";
import { ensureBun, ensurePackages } from "./packages.mjs";
import { main, projectDir } from "./process.mjs";

const VITE_PORT = 5173;

/** The server reads `.env` itself; here only what the page must know of it. Node before 20.12 cannot read one. */
function readEnvFile() {
  const file = join(projectDir, ".env");
  return existsSync(file) && util.parseEnv ? util.parseEnv(readFileSync(file, "utf8")) : {};
}

await main(async () => {
  ensurePackages({ withDev: true });
  const bun = ensureBun();
  const settings = { ...readEnvFile(), ...process.env };
  const host = settings.HOST || "127.0.0.1";
  const port = settings.PORT || "8000";
  const pageOrigins = [`http://localhost:${VITE_PORT}`, `http://127.0.0.1:${VITE_PORT}`];
  const env = {
    ...process.env,
    HOST: host,
    PORT: port,
    TWARGA_ORIGINS: [settings.TWARGA_ORIGINS, ...pageOrigins].filter(Boolean).join(","),
    TWARGA_DEV_BACKEND: `http://${host}:${port}`,
  };
  const vite = join(projectDir, "node_modules", "vite", "bin", "vite.js");
  const children = [
    spawn(bun, ["--watch", "--no-clear-screen", "server/main.ts"], {
      cwd: projectDir,
      stdio: "inherit",
      env,
    }),
    spawn(
      process.execPath,
      [vite, "--config", "ui/vite.config.ts", "--strictPort", "--clearScreen", "false"],
      {
        cwd: projectDir,
        stdio: "inherit",
        env,
      },
    ),
  ];
  const stop = (signal) => children.forEach((child) => child.kill(signal));
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => stop(signal));
  // Either alone is of no use.
  const codes = children.map(
    (child) =>
      new Promise((resolve) =>
        child.on("exit", (code) => {
          stop("SIGTERM");
          resolve(code ?? 1);
        }),
      ),
  );
  return Math.max(...(await Promise.all(codes)));
});
