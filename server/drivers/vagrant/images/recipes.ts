/** Images that are built here: where their recipe is, and what a build has left. */
import { existsSync } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { AppError } from "../../../core/errors.ts";
import type { DriverRun, ImageRef } from "../../vm-driver.ts";
import { vagrantEnv, type VagrantPlace } from "../run-vagrant.ts";
import { runProcess } from "../../run-process.ts";

const RECIPES = join(import.meta.dir, "../../../../vms/images");
/** The end of what a failed build printed is enough to see why. */
const DETAIL_LIMIT = 8_000;
/** Enough of the words before it to say what went wrong in one sentence. */
const REASON_LIMIT = 300;

export interface Recipe {
  readonly script: string;
  /** Holds `version` and a `.box` once it was built. */
  readonly outDir: string;
}

/** Null when there is no recipe of that id. */
export function recipeOf(
  id: string,
  dirs: { readonly vmsDir: string; readonly labBoxDir: string },
): Recipe | null {
  if (!/^[a-z][a-z0-9.-]*$/.test(id)) return null;
  const script = join(RECIPES, id, "build.sh");
  if (!existsSync(script)) return null;
  return { script, outDir: id === "lab" ? dirs.labBoxDir : join(dirs.vmsDir, ".images", id) };
}

export interface Build {
  readonly hash: string;
  readonly boxFile: string;
  readonly sizeBytes: number;
}

/** What the last whole build made; null when there is none. */
export async function buildOf(id: string, { outDir }: Recipe): Promise<Build | null> {
  const hash = (await readFile(join(outDir, "version"), "utf8").catch(() => "")).trim();
  const boxFile = join(outDir, `${id}.box`);
  const facts = await stat(boxFile).catch(() => null);
  if (facts === null || !/^[0-9a-f]{12}$/.test(hash)) return null;
  return { hash, boxFile, sizeBytes: facts.size };
}

/** Runs the recipe. Its lines `== 40 text` are steps, all others go to whoever watches. */
export async function runRecipe(
  image: ImageRef,
  recipe: Recipe,
  place: VagrantPlace,
  run: DriverRun,
): Promise<void> {
  const argv = ["sh", recipe.script, recipe.outDir];
  let tail = "";
  const ended = run.program(argv);
  let exitCode: number | null = null;
  try {
    exitCode = await runProcess({
      argv,
      cwd: join(recipe.script, ".."),
      env: { ...vagrantEnv(place), DEBIAN_FRONTEND: "noninteractive" },
      signal: run.signal,
      clock: place.clock,
      onLine(stream, line) {
        tail = `${tail}${line}\n`.slice(-DETAIL_LIMIT);
        const step = /^== (\d{1,3}) (.+)$/.exec(line);
        if (step) run.step(step[2] ?? "", Number(step[1]) / 100);
        else run.output(stream === "stderr" ? "error" : "info", line);
      },
    });
  } finally {
    ended(exitCode);
  }
  if (exitCode === 0) return;
  throw new AppError("driver_failed", reasonOf(image.id, tail), { detail: tail.trim() });
}

/** A recipe names what is missing in a line that begins with its id. */
function reasonOf(id: string, tail: string): string {
  const words = tail
    .split("\n")
    .findLast((line) => /^[\w-]+( box)?: .*(missing|supported|known|another build)/.test(line));
  const reason = words?.slice(words.indexOf(": ") + 2, REASON_LIMIT);
  return reason === undefined
    ? `The image ${id} could not be built; the output says why`
    : `Not built: ${reason}`;
}
