/** The catalogue as people see it: rows, with the driver's word on each, asked at most every few seconds. */
import type { ImageView } from "#protocol";
import type { Bus } from "../../core/bus.ts";
import type { Clock } from "../../core/clock.ts";
import type { Log } from "../../core/log.ts";
import type { DriverImage, ImageRef, VmDriver } from "../../drivers/vm-driver.ts";
import type { ImageRepo, ImageRow } from "./image-repo.ts";
import { viewOf } from "./image-view.ts";

/** A driver may have to ask a program; a page that lists images must not start one per click. */
const FRESH_MS = 5_000;

export interface CatalogueDeps {
  readonly repo: ImageRepo;
  readonly driver: Pick<VmDriver, "images">;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly log: Log;
}

export const refOfRow = ({ id, box, sshUser }: ImageRow): ImageRef => ({ id, box, sshUser });

export class Catalogue {
  readonly #deps: CatalogueDeps;
  #asked: { readonly atMs: number; readonly done: Promise<void> } | null = null;
  #known: ReadonlyMap<string, DriverImage> = new Map();
  #published = "";
  /** Images whose box is being removed right now. */
  readonly leaving = new Set<string>();

  constructor(deps: CatalogueDeps) {
    this.#deps = deps;
  }

  /** As far as it is known without asking the driver. */
  current(): ImageView[] {
    const { repo } = this.#deps;
    const counts = repo.vmCounts();
    return repo.list().map((row) =>
      viewOf(row, {
        known: this.#known.get(row.id),
        vmCount: counts.get(row.id) ?? 0,
        isLeaving: this.leaving.has(row.id),
      }),
    );
  }

  async list(): Promise<ImageView[]> {
    await this.#refresh();
    return this.current();
  }

  /** After a change: what was known of the host is no longer true. */
  async renew(): Promise<void> {
    this.#asked = null;
    try {
      await this.#refresh();
    } catch (error) {
      this.#deps.log.warn({ err: error }, "The driver could not say which images it has");
    }
    this.publish();
  }

  /** Tells everybody, unless nothing they see is new. */
  publish(): void {
    const images = this.current().filter(({ hidden }) => !hidden);
    const text = JSON.stringify(images);
    if (text === this.#published) return;
    this.#published = text;
    this.#deps.bus.publish("image.state", { kind: "everyone" }, { images });
  }

  #refresh(): Promise<void> {
    const nowMs = this.#deps.clock.now();
    const asked = this.#asked;
    if (asked && nowMs - asked.atMs < FRESH_MS && nowMs >= asked.atMs) return asked.done;
    const done = this.#ask();
    const mine = { atMs: nowMs, done };
    this.#asked = mine;
    // A failed question is not an answer to keep.
    done.catch(() => {
      if (this.#asked === mine) this.#asked = null;
    });
    return done;
  }

  async #ask(): Promise<void> {
    const known = await this.#deps.driver.images(this.#deps.repo.list().map(refOfRow));
    this.#known = new Map(known.map((image) => [image.id, image]));
    this.publish();
  }
}
