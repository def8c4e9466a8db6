/** A last look at the disk of a box that came from outside, by the program that will open it. */
import { join } from "node:path";
import { z } from "zod";
import { childEnvironment } from "../../../core/child-environment.ts";
import { AppError } from "../../../core/errors.ts";

const TIMEOUT_MS = 20_000;

const diskFacts = z.looseObject({
  format: z.literal("qcow2"),
  "backing-filename": z.never().optional(),
  "full-backing-filename": z.never().optional(),
  "format-specific": z.looseObject({ data: z.looseObject({ "data-file": z.never().optional() }) }),
});

/** Throws `invalid_input` when the disk would make QEMU open another file of this host. */
export async function checkImportedDisk(boxFolder: string): Promise<void> {
  const child = Bun.spawn(["qemu-img", "info", "-f", "qcow2", "--output=json", join(boxFolder, "box.img")], {
    env: childEnvironment(),
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
    timeout: TIMEOUT_MS,
    killSignal: "SIGKILL",
    maxBuffer: 1024 * 1024,
  });
  const [text, complaint] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  const isGood = child.exitCode === 0 && diskFacts.safeParse(JSON.parse(text)).success;
  if (isGood) return;
  throw new AppError("invalid_input", "The disk of the box is not taken: it is no qcow2 image of its own", {
    field: "uploadId",
    detail: complaint.trim() || text,
  });
}
