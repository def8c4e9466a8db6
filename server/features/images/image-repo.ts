/** Rows of the catalogue. */
import { and, count, eq, isNull, sql } from "drizzle-orm";
import type { JobId, JobView } from "#protocol";
import type { Db } from "../../../db/client.ts";
import { images, vms } from "../../../db/schema/index.ts";
import { AppError } from "../../core/errors.ts";
import type { SeedImage } from "./seed.ts";

export type ImageRow = typeof images.$inferSelect;
export type NewImage = typeof images.$inferInsert;
export type ImageChange = Partial<
  Pick<ImageRow, "name" | "description" | "family" | "sshUser" | "minRamMb" | "minDiskGb" | "hidden">
>;

export class ImageRepo {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  /** Adds what is new; a row that exists keeps whatever an administrator made of it. */
  seed(seed: readonly SeedImage[], nowMs: number): void {
    this.#db.tx(() => {
      for (const image of seed)
        this.#db.orm
          .insert(images)
          .values({ ...image, createdAtMs: nowMs })
          .onConflictDoNothing()
          .run();
    });
  }

  find(id: string): ImageRow | undefined {
    return this.#db.orm.select().from(images).where(eq(images.id, id)).get();
  }

  /** In the order they came: the seed's order first. */
  list(): ImageRow[] {
    return this.#db.orm
      .select()
      .from(images)
      .orderBy(sql`rowid`)
      .all();
  }

  /** VMs that are not destroyed, by image. */
  vmCounts(): ReadonlyMap<string, number> {
    const rows = this.#db.orm
      .select({ image: vms.image, vms: count() })
      .from(vms)
      .where(isNull(vms.destroyedAtMs))
      .groupBy(vms.image)
      .all();
    return new Map(rows.map((row) => [row.image, row.vms]));
  }

  isUsed(id: string): boolean {
    const used = and(eq(vms.image, id), isNull(vms.destroyedAtMs));
    return this.#db.orm.select({ id: vms.id }).from(vms).where(used).limit(1).get() !== undefined;
  }

  /** Throws `conflict` on `imageId` when the id is taken. */
  insert(image: NewImage): void {
    const added = this.#db.orm.insert(images).values(image).onConflictDoNothing().returning().get();
    if (!added) throw new AppError("conflict", `There is an image ${image.id} already`, { field: "imageId" });
  }

  update(id: string, change: ImageChange): void {
    if (Object.keys(change).length === 0) return;
    this.#db.orm.update(images).set(change).where(eq(images.id, id)).run();
  }

  remove(id: string): void {
    this.#db.orm.delete(images).where(eq(images.id, id)).run();
  }

  /** The lock of an image: one job at a time. Call it in the transaction that writes the job. */
  begin(id: string, job: JobView): void {
    const free = and(eq(images.id, id), isNull(images.activeJobId));
    const locked = this.#db.orm.update(images).set({ activeJobId: job.id }).where(free).returning().get();
    if (!locked) throw new AppError("conflict", `Another job works on the image ${id}`);
  }

  /** Gives the lock back, if it is still this job's. */
  end(id: string, jobId: JobId): void {
    const mine = and(eq(images.id, id), eq(images.activeJobId, jobId));
    this.#db.orm.update(images).set({ activeJobId: null }).where(mine).run();
  }

  /** Locks of jobs that are no more, e.g. in a restored database. */
  freeAllBut(jobIds: ReadonlySet<JobId>): void {
    for (const row of this.list())
      if (row.activeJobId !== null && !jobIds.has(row.activeJobId)) this.end(row.id, row.activeJobId);
  }
}
