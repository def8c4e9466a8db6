/** The one place that names every feature and driver and plugs them together. */
import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import manifest from "../package.json" with { type: "json" };
import type { Db } from "../db/client.ts";
import { createBus } from "./core/bus.ts";
import type { Clock } from "./core/clock.ts";
import type { Config } from "./core/config.ts";
import { type Disposable, DisposableStack } from "./core/disposable.ts";
import type { Log } from "./core/log.ts";
import { createCursors } from "./core/paging.ts";
import type { VmDriver } from "./drivers/vm-driver.ts";
import { createAdminFeature, createInvitations } from "./features/admin/index.ts";
import { type AuthFeature, createAuthFeature } from "./features/auth/index.ts";
import { createCreditFeature } from "./features/credits/index.ts";
import { createEventFeature } from "./features/events/index.ts";
import { createImageFeature, imageJobKinds } from "./features/images/index.ts";
import { createJobFeature } from "./features/jobs/index.ts";
import { createMetricsFeature } from "./features/metrics/index.ts";
import { createHostProbe, createQuotaFeature, type HostProbe } from "./features/quotas/index.ts";
import { createSettingsFeature } from "./features/settings/index.ts";
import { createTerminalFeature } from "./features/terminal/index.ts";
import { createVmFeature, type ReconcileReport, vmJobKinds } from "./features/vms/index.ts";
import { createGateway, type Gateway } from "./gateway/index.ts";
import { StartRefusal } from "./start-refusal.ts";

export interface AppOptions {
  readonly config: Config;
  readonly db: Db;
  readonly driver: VmDriver;
  readonly jwtSecret: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Holds the built page in `ui/dist`. */
  readonly projectDir: string;
}

export interface App extends Disposable {
  readonly version: string;
  readonly auth: AuthFeature;
  /** Brings the database and the hypervisor together. Run before `listen`. */
  reconcile(): Promise<ReconcileReport>;
  /** Opens the port. Throws `StartRefusal`. */
  listen(): void;
}

/** What the runtime says when it cannot listen, in words that name the setting. */
function toRefusal(error: unknown, { host, port }: Config): unknown {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  switch (code) {
    case "EADDRINUSE":
      return new StartRefusal(`PORT must be a free port; another program listens on ${host}:${port}.`, {
        cause: error,
      });
    case "EACCES":
      return new StartRefusal(`PORT must be a port this user may open; ${port} is not (below 1024?).`, {
        cause: error,
      });
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
    // What the resolver says of an unknown name depends on the machine.
    case "EAGAIN":
    case "EINVAL":
      return new StartRefusal(`HOST must be a name or an address of this machine; ${host} is not.`, {
        cause: error,
      });
    default:
      return error;
  }
}

/** Where disks of VMs lie: our own folder and, for the machines of libvirt, its storage pool. */
function hostOf(driver: VmDriver, config: Config, log: Log): HostProbe | null {
  if (driver.info.simulated) return null;
  const pool = driver.info.name === "vagrant" ? ["/var/lib/libvirt/images"] : [];
  return createHostProbe([config.home.vmsDir, ...pool], log);
}

export function createApp({ config, db, driver, jwtSecret, clock, log, projectDir }: AppOptions): App {
  const { version } = manifest;
  const owned = new DisposableStack();
  const bus = createBus();
  const cursors = createCursors(jwtSecret);
  const base = { db, bus, clock, log, cursors };

  const events = owned.use(createEventFeature(base));
  const settings = owned.use(createSettingsFeature({ ...base, events: events.log }));
  const credits = owned.use(createCreditFeature({ ...base, settings, events: events.log }));
  const quotas = owned.use(createQuotaFeature({ ...base, settings, host: hostOf(driver, config, log) }));
  owned.use(settings.onChange(() => quotas.defaultsChanged()));
  const invitations = createInvitations(db);
  const auth = owned.use(
    createAuthFeature({
      ...base,
      jwtSecret,
      settings,
      invitations,
      events: events.log,
      accounts: credits.accounts,
    }),
  );
  const jobs = owned.use(createJobFeature(base));
  const images = owned.use(
    createImageFeature({
      ...base,
      driver,
      jobs: jobs.runner,
      vmsDir: config.home.vmsDir,
      maxUploadBytes: config.maxUploadBytes,
    }),
  );
  const vms = owned.use(
    createVmFeature({
      ...base,
      driver,
      jobs: jobs.runner,
      images,
      billing: credits.billing,
      admission: quotas.admission,
      events: events.log,
      settings,
    }),
  );
  jobs.onRetry(vmJobKinds, vms.retry);
  credits.onEmpty((userId) => vms.stopRunning(userId));
  jobs.onRetry(imageJobKinds, images.retry);
  const metrics = owned.use(createMetricsFeature({ driver, bus, clock, log, home: config.home.root, vms }));
  const terminals = owned.use(createTerminalFeature({ driver, findVm: vms.find, bus, clock, log }));
  const admin = owned.use(
    createAdminFeature({
      ...base,
      events: events.log,
      accounts: auth.accounts,
      vms: vms.admin,
      credits,
      quotas,
      invitations,
      newestVmSamples: () => metrics.newestVmSamples(),
      onlineUserCount: () => gateway.onlineUserCount,
    }),
  );
  const features = [events, settings, credits, quotas, auth, jobs, images, vms, metrics, terminals, admin];

  const publicDir = join(projectDir, "ui", "dist");
  const startedAtMs = clock.now();
  const { name, label, simulated } = driver.info;
  let isReady = false;
  const gateway: Gateway = owned.use(
    createGateway({
      commands: features.flatMap((feature) => feature.commands),
      topics: features.flatMap((feature) => feature.topics),
      bus,
      gate: auth.gate,
      terminals: terminals.sink,
      uploads: images.uploads,
      audit: events.audit,
      idempotency: auth.idempotency,
      clock,
      log,
      hello: () => ({ version, driver: { name, label, simulated } }),
      epoch: randomUUID(),
      origins: config.extraOrigins,
      publicDir: existsSync(publicDir) ? publicDir : null,
      health: () => ({
        status: "ok",
        version,
        driver: name,
        uptimeSeconds: Math.floor((clock.now() - startedAtMs) / 1000),
      }),
      ready: () => isReady,
    }),
  );

  return {
    version,
    auth,
    async reconcile() {
      const report = await vms.reconcile();
      admin.resume();
      return report;
    },
    listen() {
      isReady = true;
      try {
        gateway.start({ port: config.port, host: config.host });
      } catch (error) {
        throw toRefusal(error, config);
      }
    },
    async dispose() {
      isReady = false;
      await owned.dispose();
    },
  };
}
