/** The images feature wired as in the server, with jobs, an in-memory database, and a host whose boxes are a set of names. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type CommandName,
  type CommandOutput,
  type CommandRequest,
  commands,
  type EventOf,
  type ImageView,
  type JobView,
  type Role,
} from "#protocol";
import { type Db, openDb } from "../../../db/client.ts";
import { users, vms } from "../../../db/schema/index.ts";
import { createBus } from "../../../server/core/bus.ts";
import type { Session } from "../../../server/core/caller.ts";
import { AppError } from "../../../server/core/errors.ts";
import { createLog } from "../../../server/core/log.ts";
import { createCursors } from "../../../server/core/paging.ts";
import type { DriverRun, ImageOrigin, ImageRef } from "../../../server/drivers/vm-driver.ts";
import { createImageFeature, imageJobKinds } from "../../../server/features/images/index.ts";
import { createJobFeature } from "../../../server/features/jobs/index.ts";
import { ManualClock } from "../../helpers/manual-clock.ts";
import { waitFor } from "../../helpers/wait-for.ts";

/** Boxes appear and vanish as told; `hold` keeps an `addImage` at work. */
export class BoxHost {
  readonly boxes = new Set(["twarga-lab"]);
  readonly added: { readonly image: ImageRef; readonly origin: ImageOrigin; readonly file: string }[] = [];
  asked = 0;
  failure: Error | null = null;
  hold: Promise<void> | null = null;

  async images(wanted: readonly ImageRef[]) {
    this.asked += 1;
    if (this.failure) throw this.failure;
    return wanted.map(({ id, box }) => {
      const available = this.boxes.has(box);
      return {
        id,
        available,
        sizeBytes: available ? 1_000 : null,
        hint: available ? null : `No ${box} here.`,
      };
    });
  }

  async addImage(image: ImageRef, origin: ImageOrigin, run: DriverRun): Promise<void> {
    run.output("info", `adding ${image.box}`);
    const aborted = Promise.withResolvers<never>();
    run.signal.addEventListener("abort", () => aborted.reject(run.signal.reason));
    if (this.hold) await Promise.race([this.hold, aborted.promise]);
    if (this.failure) throw this.failure;
    const file =
      origin.kind === "file" ? Buffer.from(await Bun.file(origin.path).bytes()).toString("latin1") : "";
    this.added.push({ image, origin, file });
    this.boxes.add(image.box);
  }

  async removeImage(image: ImageRef): Promise<void> {
    if (this.failure) throw this.failure;
    this.boxes.delete(image.box);
  }
}

export interface ImageCloudOptions {
  readonly db?: Db;
  readonly vmsDir?: string;
  readonly host?: BoxHost;
}

export type ImageCloud = ReturnType<typeof openImageCloud>;

export function openImageCloud(options: ImageCloudOptions = {}) {
  const db = options.db ?? openDb(":memory:");
  const vmsDir = options.vmsDir ?? mkdtempSync(join(tmpdir(), "twarga-images-"));
  const host = options.host ?? new BoxHost();
  const clock = new ManualClock();
  const bus = createBus();
  const log = createLog("silent");
  const events: EventOf<"image.state">[] = [];
  bus.on("image.state", ({ data }) => void events.push(data));
  const jobs = createJobFeature({ db, bus, clock, log, cursors: createCursors("a secret of the test") });
  const base = { db, bus, clock, log, vmsDir };
  const feature = createImageFeature({ ...base, driver: host, jobs: jobs.runner, maxUploadBytes: 1e9 });
  jobs.onRetry(imageJobKinds, feature.retry);
  const bound = [...jobs.commands, ...feature.commands];

  async function call<N extends CommandName>(
    session: Session,
    name: N,
    input: CommandRequest<N>,
    requestKey?: string,
  ): Promise<CommandOutput<N>> {
    const command = bound.find((candidate) => candidate.name === name);
    if (!command) throw new Error(`No command ${name}`);
    const caller = {
      ...{ session, face: "rest" as const, remoteAddress: "", userAgent: "", channel: null },
      ...(requestKey !== undefined && { requestKey }),
    };
    const output = await command.run(commands[name].input.parse(input), caller);
    return commands[name].output.parse(output) as CommandOutput<N>;
  }

  function user(username: string, role: Role = "user"): Session {
    const values = { username, role, passwordHash: "-", createdAtMs: 0 };
    const row = db.orm.insert(users).values(values).returning().get();
    return {
      ...{ sessionId: username, userId: row.id, username, role, kind: "login", scope: "write" },
      ...{ expiresAtMs: Number.MAX_SAFE_INTEGER, mustChangePassword: false },
    };
  }

  return {
    ...{ db, vmsDir, host, clock, bus, jobs, feature, events, call, user },
    async image(session: Session, id: string): Promise<ImageView | undefined> {
      return (await call(session, "image.list", {})).images.find((image) => image.id === id);
    },
    jobEnd: (session: Session, jobId: JobView["id"]) =>
      waitFor(`the end of job ${jobId}`, async () => {
        clock.advance(50);
        const { job } = await call(session, "job.get", { jobId });
        return job.endedAtMs !== null && job;
      }),
    /** A VM of that image, as a row alone. */
    addVm(session: Session, image: string, name = "web01") {
      const size = { ramMb: 512, cpuCores: 1, diskGb: 10 };
      db.orm
        .insert(vms)
        .values({
          ...size,
          ownerId: session.userId,
          name,
          image,
          driver: "simulated",
          state: "stopped",
          createdAtMs: 0,
        })
        .run();
    },
    /** As a crash does: nothing is settled, the database stays. */
    async stop() {
      await Promise.all([feature.dispose(), jobs.dispose()]);
    },
    async close() {
      await this.stop();
      db.close();
      rmSync(vmsDir, { recursive: true, force: true });
    },
  };
}

/** The refusal of a call that must not succeed. */
export async function refusal(call: Promise<unknown>): Promise<Pick<AppError, "code" | "message" | "field">> {
  const thrown: unknown = await call.then(
    () => null,
    (error: unknown) => error,
  );
  if (!(thrown instanceof AppError)) throw new Error(`Not refused: ${String(thrown)}`);
  const { code, message, field } = thrown;
  return { code, message, field };
}
