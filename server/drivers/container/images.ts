/** Images of the engine: the lab image built here, and those that belong to one VM (snapshots, copies). */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { AppError } from "../../core/errors.ts";
import { runProcess } from "../run-process.ts";
import type { DriverImage, DriverRun, ImageOrigin, ImageRef, VmRef } from "../vm-driver.ts";
import type { EngineHost } from "./engine-host.ts";
import { baseRepository, vmRepository } from "./names.ts";

/** The one image with a recipe; everything else would need a registry. */
const BUILT = "lab";
const BUILD_HINT = "Build it with `sh vms/container/build.sh`.";

const imageState = z.object({ Id: z.string(), Size: z.int() });
const listed = z.array(z.object({ Id: z.string(), RepoTags: z.array(z.string()).nullish(), Size: z.int() }));

async function builtVersion(imageDir: string): Promise<string | null> {
  const text = (await readFile(join(imageDir, "version"), "utf8").catch(() => "")).trim();
  return /^[0-9a-f]{12}$/.test(text) ? text : null;
}

export async function findImage(host: EngineHost, name: string): Promise<z.infer<typeof imageState> | null> {
  try {
    return await host.api.read(imageState, { method: "GET", path: `/images/${name}/json` });
  } catch (error) {
    if (error instanceof AppError && error.code === "not_found") return null;
    throw error;
  }
}

export async function describeImages(
  host: EngineHost,
  wanted: readonly ImageRef[],
): Promise<readonly DriverImage[]> {
  const version = await builtVersion(host.imageDir);
  return Promise.all(
    wanted.map(async ({ id }) => {
      if (id !== BUILT)
        return { id, available: false, sizeBytes: null, hint: "Containers are made of the lab image alone." };
      if (version === null) return { id, available: false, sizeBytes: null, hint: BUILD_HINT };
      const { size } = Bun.file(join(host.imageDir, "lab.tar"));
      return { id, available: true, sizeBytes: size, hint: null };
    }),
  );
}

/** The name of a base image that the engine has now; imported at its first use. Throws `invalid_input` for one it cannot have. */
export async function ensureBaseImage(host: EngineHost, image: ImageRef, run: DriverRun): Promise<string> {
  if (image.id !== BUILT)
    throw new AppError("invalid_input", "Containers are made of the lab image alone", { field: "image" });
  const version = await builtVersion(host.imageDir);
  if (version === null) throw new AppError("driver_failed", `The lab image is not built. ${BUILD_HINT}`);
  const repo = baseRepository(image.id);
  const name = `${repo}:${version}`;
  if (await findImage(host, name)) return name;
  run.step("Importing the image", 0.1);
  const answer = await host.api.call({
    method: "POST",
    path: "/images/create",
    query: { fromSrc: "-", repo, tag: version },
    body: Bun.file(join(host.imageDir, "lab.tar")),
    run,
  });
  const id = importedId(await answer.text());
  // Podman reads no tag on import, so it is given apart.
  await host.api.call({ method: "POST", path: `/images/${id}/tag`, query: { repo, tag: version }, run });
  return name;
}

/** The engine tells how it goes, a line each; the last one is the id. */
function importedId(text: string): string {
  const id = /"status":"(sha256:[0-9a-f]{64})"/.exec(text)?.[1];
  if (id === undefined)
    throw new AppError("driver_failed", "The engine did not keep the imported image", {
      detail: text.slice(-2_000),
    });
  return id;
}

export async function addImage(
  host: EngineHost,
  image: ImageRef,
  origin: ImageOrigin,
  run: DriverRun,
): Promise<void> {
  if (image.id !== BUILT || origin.kind !== "build")
    throw new AppError("unsupported", "The container driver builds the lab image and has no way for others");
  const argv = ["sh", join(host.imageDir, "..", "build.sh")];
  const ended = run.program(argv);
  const { signal } = run;
  const exitCode = await runProcess({
    argv,
    cwd: join(host.imageDir, ".."),
    env: { PATH: process.env["PATH"] },
    signal,
    clock: host.clock,
    onLine: (stream, text) => run.output(stream === "stderr" ? "error" : "info", text),
  });
  ended(exitCode);
  if (exitCode !== 0) throw new AppError("driver_failed", "The lab image could not be built");
}

/** Copies the disk of a container into an image of its VM; the machine is paused for the moment it takes. */
export async function commitImage(
  host: EngineHost,
  container: string,
  ref: VmRef,
  tag: string,
  run: DriverRun,
): Promise<string> {
  const repo = vmRepository(host.instance, ref);
  await host.api.call({
    method: "POST",
    path: "/commit",
    query: { container, repo, tag, pause: true },
    json: {},
    run,
    timeoutMs: 10 * 60_000,
  });
  return `${repo}:${tag}`;
}

/** Tags of the images of a VM. */
export async function tagsOf(host: EngineHost, ref: VmRef): Promise<readonly string[]> {
  const prefix = `${vmRepository(host.instance, ref)}:`;
  const all = await host.api.read(listed, { method: "GET", path: "/images/json" });
  return all
    .flatMap(({ RepoTags }) => RepoTags ?? [])
    .filter((tag) => tag.startsWith(prefix))
    .map((tag) => tag.slice(prefix.length));
}

/** Takes the name away; layers that something still needs stay with it. */
export async function dropImage(host: EngineHost, name: string, run: DriverRun): Promise<void> {
  await host.api
    .call({ method: "DELETE", path: `/images/${name}`, query: { force: false }, run })
    .catch((error: unknown) => {
      if (!(error instanceof AppError && error.code === "not_found")) throw error;
    });
}
