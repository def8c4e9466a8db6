/** Jobs of images: written with the lock of the image, ended with its release, and settled after a crash. */
import type { JobId, JobKind, JobView } from "#protocol";
import type { Db } from "../../../db/client.ts";
import type { Caller, Session } from "../../core/caller.ts";
import type { JobFailure, JobOutcome, JobRun, JobRunner } from "../../core/jobs.ts";
import type { Catalogue } from "./catalogue.ts";
import type { ImageRepo, ImageRow } from "./image-repo.ts";

export type AdminCaller = Pick<Caller<Session>, "session" | "requestKey">;

export type ImageJobKind = Extract<JobKind, `image.${string}`>;

export interface ImageTask {
  readonly kind: ImageJobKind;
  readonly row: ImageRow;
  /** The input of the command, so that it can be asked for again. */
  readonly request: Readonly<Record<string, unknown>>;
  work(run: JobRun): Promise<void>;
}

interface Parts {
  readonly db: Db;
  readonly jobs: JobRunner;
  readonly repo: ImageRepo;
  readonly catalogue: Catalogue;
}

const interrupted: JobFailure = {
  code: "unavailable",
  message: "Interrupted by a restart of the server",
  detail: "",
};

export class ImageJobs {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** `write` goes in the same transaction as the job, before it. Throws `conflict` when another job has the image. */
  begin(task: ImageTask, { session, requestKey }: AdminCaller, write?: () => void): JobId {
    const { db, jobs, repo, catalogue } = this.#parts;
    const { kind, row, request } = task;
    const job = db.tx(() => {
      write?.();
      const created = jobs.create({
        kind,
        ownerId: session.userId,
        actor: { id: session.userId, name: session.username },
        vmId: null,
        imageId: row.id,
        targetName: row.name,
        request,
        requestKey,
      });
      repo.begin(row.id, created);
      return created;
    });
    catalogue.publish();
    void jobs.run<void>(job.id, {
      work: (run) => task.work(run),
      settle: (outcome) => this.#settle(job, outcome),
      ended: () => void catalogue.renew(),
    });
    return job.id;
  }

  /** What the request with this Idempotency-Key has begun before a crash, if anything. */
  earlier({ session, requestKey }: AdminCaller): JobView | undefined {
    return requestKey === undefined
      ? undefined
      : this.#parts.jobs.findByRequestKey(session.userId, requestKey);
  }

  /** Ends the jobs that a crash interrupted. What their programs have left is overwritten by the next try. */
  recover(): void {
    const { jobs, repo } = this.#parts;
    const left = jobs.unfinished().filter(({ kind }) => kind.startsWith("image."));
    for (const job of left) {
      const outcome = { ok: false, cancelled: false, error: interrupted } as const;
      jobs.close(job.id, outcome, () => this.#settle(job, outcome));
    }
    repo.freeAllBut(new Set());
  }

  #settle(job: JobView, outcome: JobOutcome<unknown>): void {
    const { repo } = this.#parts;
    if (job.imageId === null) return;
    const row = repo.find(job.imageId);
    if (row?.activeJobId !== job.id) return;
    const isStillborn = !outcome.ok && job.kind === "image.import" && !repo.isUsed(row.id);
    // An import that failed leaves nothing behind, its entry included.
    if (isStillborn) repo.remove(row.id);
    else repo.end(row.id, job.id);
  }
}
