/** The server process: reads the settings, builds the app, opens the port, and ends cleanly. */
import { resolve } from "node:path";
import { openDb } from "../db/client.ts";
import { createApp } from "./app.ts";
import { banner } from "./banner.ts";
import { ConfigError, parseConfig, type Config } from "./core/config.ts";
import { forgetSecrets, loadEnvironment } from "./core/config/environment.ts";
import { HomeBusyError, lockHome } from "./core/config/home-lock.ts";
import { prepareHome } from "./core/config/home.ts";
import { loadJwtSecret } from "./core/config/jwt-secret.ts";
import { systemClock } from "./core/clock.ts";
import { DisposableStack } from "./core/disposable.ts";
import { createLog, type Log } from "./core/log.ts";
import { openDriver } from "./open-driver.ts";
import { StartRefusal } from "./start-refusal.ts";

/** Longer than any feature needs to end; a supervisor kills after ten seconds as a rule. */
const STOP_DEADLINE_MS = 9_000;

const projectDir = resolve(import.meta.dir, "..");

/** A person at a terminal wants to read the banner, not one JSON line per command. */
function logLevelOf({ logLevel }: Config): string {
  if (logLevel !== "auto") return logLevel;
  return process.stderr.isTTY ? "warn" : "info";
}

function openHome({ home }: Config, owned: DisposableStack): void {
  try {
    prepareHome(home);
    owned.use(lockHome(home.lockFile));
  } catch (error) {
    if (error instanceof HomeBusyError)
      throw new StartRefusal(
        `TWARGA_HOME must be a folder that no other running server uses; ${home.root} is in use.`,
        { cause: error },
      );
    throw new StartRefusal(
      `TWARGA_HOME must be a folder this user may write to; ${home.root} is not (${error instanceof Error ? error.message : error}).`,
      { cause: error },
    );
  }
}

/** Ends everything once, whatever asks for it and however often. */
function stopOnSignals(owned: DisposableStack, log: Log): void {
  let isStopping = false;
  async function stop(reason: string, exitCode: number): Promise<void> {
    if (isStopping) return;
    isStopping = true;
    log.info({ reason }, "stopping");
    systemClock.after(STOP_DEADLINE_MS, () => {
      log.error("Not everything ended in time");
      process.exit(1);
    });
    try {
      await owned.dispose();
    } catch (error) {
      log.error({ err: error }, "Some parts failed to end");
    }
    process.exit(exitCode);
  }
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
    process.on(signal, () => void stop(signal, 0));
  // The state after an uncaught throw is unknown: end in order rather than serve on.
  process.on("uncaughtException", (error) => {
    log.fatal({ err: error }, "uncaught exception");
    void stop("uncaught exception", 1);
  });
  process.on("unhandledRejection", (reason) => log.error({ err: reason }, "unhandled rejection"));
}

/** What this process makes is its own business: databases, keys, logs. */
const OWNER_ONLY = 0o077;

async function start(owned: DisposableStack): Promise<void> {
  process.umask(OWNER_ONLY);
  const config = parseConfig(loadEnvironment(process.env, resolve(projectDir, ".env")), projectDir);
  forgetSecrets(process.env);
  const log = createLog(logLevelOf(config));
  openHome(config, owned);
  const jwtSecret = loadJwtSecret(config.jwtSecret, config.home);
  const db = openDb(config.home.dbFile);
  owned.defer(() => db.close());

  const driver = owned.use(await openDriver(config, systemClock, log));
  const app = owned.use(createApp({ config, db, driver, jwtSecret, clock: systemClock, log, projectDir }));
  const admin = await app.auth.ensureAdmin(config.adminPassword);
  // Before the port opens: nobody sees a state that is about to be corrected.
  await app.reconcile();
  stopOnSignals(owned, log);
  app.listen();
  console.log(
    banner({
      version: app.version,
      host: config.host,
      port: config.port,
      home: config.home.root,
      driver: driver.info,
      admin,
    }),
  );
}

const owned = new DisposableStack();
try {
  await start(owned);
} catch (error) {
  const isExpected = error instanceof ConfigError || error instanceof StartRefusal;
  console.error(isExpected ? error.message : error);
  await owned.dispose().catch(() => undefined);
  process.exit(1);
}
