/** Starts work on an image and, unless told not to, stays until it is done. */
import type { Client } from "#client";
import type { ImageView, JobId } from "#protocol";
import type { CliContext } from "../cli-context.ts";
import { withClient } from "../server-link.ts";
import { followJob, requireSuccess } from "../vm/follow-job.ts";
import type { WaitOptions } from "../vm/vm-work.ts";
import { imageTable } from "./image-text.ts";

type Accept = (client: Client) => Promise<{ image: ImageView; jobId: JobId }>;

export async function followImage(context: CliContext, options: WaitOptions, accept: Accept): Promise<void> {
  await withClient(context, async (client) => {
    const { image, jobId } = await accept(client);
    if (!options.wait)
      return context.result(
        { image, jobId },
        `${image.id} is at work; follow it with: twarga job get ${jobId}`,
      );
    const job = await followJob(client, jobId, context);
    requireSuccess(job);
    const { images } = await client.request("image.list", {});
    const after = images.filter(({ id }) => id === image.id);
    context.result({ image: after[0] ?? image, job }, () => imageTable(after));
  });
}
