/** What the images feature needs from outside, and what its commands share. */
import type { Db } from "../../../db/client.ts";
import type { Bus } from "../../core/bus.ts";
import type { Clock } from "../../core/clock.ts";
import type { JobRunner } from "../../core/jobs.ts";
import type { Log } from "../../core/log.ts";
import type { VmDriver } from "../../drivers/vm-driver.ts";
import type { Catalogue } from "./catalogue.ts";
import type { ImageRepo } from "./image-repo.ts";
import type { ImageJobs } from "./image-jobs.ts";
import type { UploadStore } from "./upload-store.ts";

export interface ImageDeps {
  readonly db: Db;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly log: Log;
  readonly driver: Pick<VmDriver, "images" | "addImage" | "removeImage">;
  readonly jobs: JobRunner;
  /** `TWARGA_HOME/vms`; uploads lie in it. */
  readonly vmsDir: string;
  readonly maxUploadBytes: number;
}

export interface ImageCommandDeps extends Pick<ImageDeps, "db" | "clock" | "log" | "driver"> {
  readonly repo: ImageRepo;
  readonly catalogue: Catalogue;
  readonly work: ImageJobs;
  readonly uploads: UploadStore;
}
