/** `image list|build|fetch|import|add|edit|hide|unhide|remove`: what VMs can be made from. */
import { commands } from "#protocol";
import type { Command } from "commander";
import { contextOf } from "../cli-context.ts";
import { usageError } from "../exit.ts";
import { withClient } from "../server-link.ts";
import { addWaitOption, askFirst, type WaitOptions } from "../vm/vm-work.ts";
import { addOptions, editOptions, fieldsOf, type ImageOptions } from "./image-options.ts";
import { followImage } from "./follow-image.ts";
import { imageTable } from "./image-text.ts";
import { uploadFile } from "./upload-file.ts";

export function addImageCommands(program: Command): void {
  const image = program.command("image").description("What a VM can be made from");
  addList(image);
  addPrepare(image, "build", "Build an image on the server's host from Debian packages");
  addPrepare(image, "fetch", "Fetch the box of an image from its registry");
  addImport(image);
  addAdd(image);
  addEdit(image);
  addHide(image, "hide", true, "Offer an image to administrators only");
  addHide(image, "unhide", false, "Offer an image to everybody again");
  addRemove(image);
}

function addList(image: Command): void {
  image
    .command("list")
    .alias("ls")
    .description(commands["image.list"].summary)
    .action(async (_: unknown, command: Command) => {
      const context = contextOf(command);
      const answer = await withClient(context, (client) => client.request("image.list", {}));
      context.result(answer, () => imageTable(answer.images));
    });
}

function addPrepare(image: Command, verb: "build" | "fetch", summary: string): void {
  const command = image.command(`${verb} <id>`).description(summary);
  addWaitOption(command).action(async (imageId: string, options: WaitOptions, self: Command) => {
    await followImage(contextOf(self), options, async (client) => {
      const { images } = await client.request("image.list", {});
      const found = images.find(({ id }) => id === imageId);
      const right = found?.source === "registry" ? "fetch" : "build";
      if (found && found.source !== "file" && right !== verb)
        throw usageError(`The image ${imageId} is not made that way; run: twarga image ${right} ${imageId}`);
      return client.request("image.prepare", { imageId });
    });
  });
}

function addImport(image: Command): void {
  const command = image
    .command("import <file>")
    .description("Upload a .box file for libvirt and make an image of it")
    .requiredOption("--id <id>", "id of the new image");
  addOptions(addWaitOption(command)).action(
    async (file: string, options: ImageOptions & WaitOptions & { id: string }, self: Command) => {
      const context = contextOf(self);
      const uploadId = await uploadFile(context, file);
      await followImage(context, options, (client) =>
        client.request("image.import", { imageId: options.id, uploadId, ...fieldsOf(options, options.id) }),
      );
    },
  );
}

function addAdd(image: Command): void {
  const command = image.command("add <id> <box>").description(commands["image.add"].summary);
  addOptions(command).action(async (imageId: string, box: string, options: ImageOptions, self: Command) => {
    const context = contextOf(self);
    const input = { imageId, box, ...fieldsOf(options, imageId) };
    const answer = await withClient(context, (client) => client.request("image.add", input));
    context.result(answer, () => `${imageTable([answer.image])}\nNext: twarga image fetch ${imageId}`);
  });
}

function addEdit(image: Command): void {
  const command = image.command("edit <id>").description(commands["image.update"].summary);
  editOptions(command).action(async (imageId: string, options: Partial<ImageOptions>, self: Command) => {
    const context = contextOf(self);
    const { user: sshUser, minRam: minRamMb, minDisk: minDiskGb, ...rest } = options;
    const input = { imageId, ...rest, sshUser, minRamMb, minDiskGb };
    const answer = await withClient(context, (client) => client.request("image.update", input));
    context.result(answer, () => imageTable([answer.image]));
  });
}

function addHide(image: Command, verb: string, hidden: boolean, summary: string): void {
  image
    .command(`${verb} <id>`)
    .description(summary)
    .action(async (imageId: string, _: unknown, self: Command) => {
      const context = contextOf(self);
      const answer = await withClient(context, (client) =>
        client.request("image.update", { imageId, hidden }),
      );
      context.result(answer, () => imageTable([answer.image]));
    });
}

function addRemove(image: Command): void {
  image
    .command("remove <id>")
    .description(commands["image.remove"].summary)
    .option("-y, --yes", "do not ask")
    .action(async (imageId: string, options: { yes?: boolean }, self: Command) => {
      const context = contextOf(self);
      await askFirst(`Remove the image ${imageId} and its box`, options.yes);
      await withClient(context, (client) => client.request("image.remove", { imageId }));
      context.result({ imageId }, `The box of ${imageId} is gone`);
    });
}
