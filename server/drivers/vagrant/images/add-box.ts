/** Adds boxes to the Vagrant of this installation: from a file of ours, or from a public registry. */
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { AppError } from "../../../core/errors.ts";
import type { DriverRun } from "../../vm-driver.ts";
import { runVagrant, type VagrantPlace } from "../run-vagrant.ts";
import { escapedName } from "./box-folder.ts";

/** Boxes of ours are named by their content, so their version never changes. */
export const BOX_VERSION = "1.0.0";

/** Under a name and a version: without a version vagrant-libvirt names the base disk by a time stamp. */
export async function addFileBox(
  name: string,
  file: string,
  place: VagrantPlace,
  run: DriverRun,
): Promise<void> {
  const description = join(place.vagrantHome, `${name}.json`);
  const url = Bun.pathToFileURL(file).href;
  const versions = [{ version: BOX_VERSION, providers: [{ name: "libvirt", url }] }];
  await writeFile(description, JSON.stringify({ name, versions }));
  try {
    await vagrantBox(["add", "--force", "--provider", "libvirt", description], place, run);
  } finally {
    await rm(description, { force: true });
  }
}

export async function addRegistryBox(box: string, place: VagrantPlace, run: DriverRun): Promise<void> {
  run.step("Asking the registry", 0.02);
  try {
    await vagrantBox(["add", "--provider", "libvirt", box], place, watchingDownload(run));
  } catch (error) {
    throw error instanceof AppError && !run.signal.aborted ? registryFailure(box, error) : error;
  }
}

export async function removeBox(name: string, { vagrantHome }: VagrantPlace): Promise<void> {
  // What Vagrant knows of a box is this folder alone.
  await rm(join(vagrantHome, "boxes", escapedName(name)), { recursive: true, force: true });
}

function vagrantBox(argv: readonly string[], place: VagrantPlace, run: DriverRun): Promise<void> {
  return runVagrant(place, place.vagrantHome, ["box", ...argv], run);
}

/** Vagrant prints `Progress: 42% (Rate: 12M/s, Estimated time remaining: 0:00:21)`. */
export function downloadShare(text: string): number | null {
  const percent = /\bProgress: (\d{1,3})%/.exec(text)?.[1];
  return percent === undefined ? null : Math.min(1, Number(percent) / 100);
}

function watchingDownload(run: DriverRun): DriverRun {
  return {
    ...run,
    output(stream, text) {
      const share = downloadShare(text);
      if (share === null) return run.output(stream, text);
      // 5 to 90 %: asking comes before it, unpacking after it.
      run.step("Downloading", 0.05 + share * 0.85);
    },
  };
}

const reasons: readonly { readonly sign: RegExp; readonly words: (box: string) => string }[] = [
  {
    sign: /could not resolve|couldn't resolve|failed to connect|could not connect|timed out|network is unreachable|SSL|proxy|connection (refused|reset)/i,
    words: (box) =>
      `The registry cannot be reached from this host. Fetching ${box} needs the internet; a .box file can be imported instead.`,
  },
  {
    sign: /BoxAddNoMatchingProvider|doesn't support the provider|BoxAddNoMatching/i,
    words: (box) => `The registry has no box ${box} for libvirt`,
  },
  {
    sign: /could not be found|couldn't be accessed|404|BoxAddShortNotFound|BoxMetadata/i,
    words: (box) => `The registry has no box ${box}, or it cannot be reached from this host`,
  },
];

export function registryFailure(box: string, error: AppError): AppError {
  const text = `${error.message}\n${error.detail ?? ""}`;
  const found = reasons.find(({ sign }) => sign.test(text));
  if (!found) return error;
  const detail = error.detail ?? error.message;
  return new AppError("driver_failed", found.words(box), { detail, cause: error });
}
