/** `image.remove`: the box goes; an entry that came with the product stays and can be prepared anew. */
import { defineCommand } from "../../../core/command.ts";
import { AppError } from "../../../core/errors.ts";
import type { DriverRun } from "../../../drivers/vm-driver.ts";
import { refOfRow } from "../catalogue.ts";
import type { ImageCommandDeps } from "../deps.ts";
import { readSeed } from "../seed.ts";
import { rowOf } from "./find-image.ts";

/** The client waits for the answer, so the work must end before it gives up. */
const DEADLINE_MS = 12_000;

export const removeImage = defineCommand(
  "image.remove",
  async ({ imageId: id }, _caller, deps: ImageCommandDeps) => {
    const { repo, catalogue } = deps;
    const row = rowOf(repo, id);
    const isSeed = readSeed().some((image) => image.id === id);
    // Built with the product itself, and what everything else is tried with.
    if (id === "lab")
      throw new AppError("conflict", "The image lab belongs to Twarga; hide it if users should not see it");
    if (row.activeJobId !== null)
      throw new AppError("conflict", `A job works on the image ${id}; cancel it first`);
    if (catalogue.leaving.has(id)) throw new AppError("conflict", `The image ${id} is being removed already`);
    // From here on no VM can be made from it.
    catalogue.leaving.add(id);
    try {
      const inUse = repo.vmCounts().get(id) ?? 0;
      if (inUse > 0)
        throw new AppError("conflict", `${inUse} ${inUse === 1 ? "VM uses" : "VMs use"} the image ${id}`);
      catalogue.publish();
      await deps.driver.removeImage(refOfRow(row), quietRun(deps));
      if (!isSeed) repo.remove(id);
    } finally {
      catalogue.leaving.delete(id);
      await catalogue.renew();
    }
    return {};
  },
);

/** It is no job: what the programs say goes to the log. */
function quietRun({ log, clock }: ImageCommandDeps): DriverRun {
  const controller = new AbortController();
  const late = new AppError("timeout", "Removing the box took too long; try again");
  clock.after(DEADLINE_MS, () => controller.abort(late));
  return {
    signal: controller.signal,
    output: (stream, text) => log.debug({ stream, text }, "removing an image"),
    step() {},
    program: () => () => {},
  };
}
