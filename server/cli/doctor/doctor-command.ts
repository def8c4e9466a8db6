/** `doctor`: what is there, what is missing, and the next command. Needs no running server. */
import { resolve } from "node:path";
import type { Command } from "commander";
import { type Config, ConfigError, parseConfig } from "../../core/config.ts";
import { loadEnvironment } from "../../core/config/environment.ts";
import { contextOf } from "../cli-context.ts";
import { exitCodes } from "../exit.ts";
import { printable } from "../format.ts";
import { type Check, ok, problem } from "./check.ts";
import { checkDatabase, checkHome } from "./check-home.ts";
import { checkPort } from "./check-port.ts";
import { checkBun, checkPackages, checkUi } from "./check-project.ts";
import { checkVirtualization } from "./check-virtualization.ts";
import { reportOf, reportText } from "./report.ts";

const projectDir = resolve(import.meta.dir, "../../..");

export function addDoctorCommand(program: Command): void {
  program
    .command("doctor")
    .description("What is there, what is missing, and the next command to type")
    .action(async (_: unknown, command: Command) => {
      const context = contextOf(command);
      const report = reportOf(await examine(context.env));
      context.result(report, () => reportText(report));
      process.exitCode = report.ok ? exitCodes.ok : exitCodes.failed;
    });
}

async function examine(env: Readonly<Record<string, string | undefined>>): Promise<Check[]> {
  const project = [checkBun(), checkPackages(projectDir), checkUi(projectDir)];
  const config = readConfig(env);
  if ("verdict" in config) return [...project, config];
  const { home, host, port, driver, containerSocket } = config;
  const [portCheck, virtualization] = await Promise.all([
    checkPort(host, port),
    checkVirtualization(driver, home, containerSocket),
  ]);
  const settings = ok("settings", "all valid");
  return [...project, settings, checkHome(home), checkDatabase(home), portCheck, ...virtualization];
}

function readConfig(env: Readonly<Record<string, string | undefined>>): Config | Check {
  try {
    return parseConfig(loadEnvironment(env, resolve(projectDir, ".env")), projectDir);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return problem(
      "settings",
      printable(error.message),
      "edit .env or the environment; see docs/configuration.md",
    );
  }
}
