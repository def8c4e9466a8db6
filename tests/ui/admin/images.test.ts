/** The image catalogue for administrators: what can be done, and forms checked by the schemas of the server. */
import { describe, expect, test } from "bun:test";
import type { ImageView } from "#protocol";
import { jobView } from "#protocol";
import { blankImage, checkImage, formOf, idOfFile } from "../../../ui/features/admin/images/image-form.ts";
import {
  imageFacts,
  jobOfImage,
  prepareLabel,
  removeRefusal,
} from "../../../ui/features/admin/images/image-words.ts";

const image = (over: Partial<ImageView> = {}): ImageView => ({
  id: "debian-12",
  name: "Debian 12",
  description: "",
  family: "debian",
  source: "build",
  box: "twarga-debian-12",
  provider: "libvirt",
  sshUser: "vagrant",
  minRamMb: 512,
  minDiskGb: 10,
  sizeBytes: null,
  state: "missing",
  available: false,
  hint: null,
  hidden: false,
  activeJobId: null,
  vmCount: 0,
  ...over,
});
const job = (id: number, state: "running" | "failed" | "succeeded", imageId: string | null = "debian-12") =>
  jobView.parse({
    ...{ id, kind: "image.build", state, ownerId: 1, ownerName: "admin", actorName: "admin", vmId: null },
    ...{ imageId, targetName: "Debian 12", step: null, progress: 0, error: null, cancellable: true },
    ...{ retryable: false, createdAtMs: id, startedAtMs: null, endedAtMs: null },
  });

describe("an image", () => {
  test.each([
    ["build", false, "Build"],
    ["build", true, "Build again"],
    ["registry", false, "Fetch"],
    ["file", false, null],
  ] as const)("from %s, here: %p, offers %p", (source, available, label) => {
    expect(prepareLabel({ source, available })).toBe(label);
  });

  test("is not removed while VMs or a job use it", () => {
    expect(removeRefusal(image())).toBe("");
    expect(removeRefusal(image({ vmCount: 1 }))).toBe("1 VM uses it");
    expect(removeRefusal(image({ vmCount: 2 }))).toBe("2 VMs use it");
    expect(removeRefusal(image({ state: "working" }))).toBe("a job works on it");
  });

  test("tells its size only when it is there", () => {
    expect(imageFacts(image())).toBe("built here · no VMs · from 512 MB memory and 10 GB disk");
    expect(imageFacts(image({ sizeBytes: 1024 ** 3, vmCount: 2 }))).toStartWith("1 GiB · built here · 2 VMs");
  });

  test("shows the job at work and the last failure, not a success", () => {
    expect(jobOfImage(image(), [job(2, "running"), job(1, "failed")])?.id).toBe(job(2, "running").id);
    expect(jobOfImage(image(), [job(2, "failed")])?.state).toBe("failed");
    expect(jobOfImage(image(), [job(3, "succeeded"), job(2, "failed")])).toBeNull();
    expect(jobOfImage(image(), [job(2, "failed", "lab"), job(1, "running", null)])).toBeNull();
  });
});

describe("the form of an image", () => {
  test("gives back what it was made of", () => {
    const check = checkImage.edit(formOf(image()));
    expect(check.ok && check.input).toMatchObject({ imageId: "debian-12", minRamMb: 512, minDiskGb: 10 });
  });

  test("names every field at fault as the server does", () => {
    const check = checkImage.registry({ ...blankImage(), imageId: "Bad Id", box: "a b", minRamMb: "much" });
    const named = check.ok ? [] : Object.keys(check.errors).sort();
    expect(named).toEqual(["box", "imageId", "minRamMb", "name"]);
  });

  test("of a file is checked before the file is sent", () => {
    const form = { ...blankImage(), imageId: "web", name: "Web" };
    expect(checkImage.file(form).ok).toBe(true);
    const sent = checkImage.file(form, "abcdefghijklmnopqrst");
    expect(sent.ok && sent.input.uploadId).toBe("abcdefghijklmnopqrst");
  });

  test.each([
    ["Web Server.box", "web-server"],
    ["debian_12.box", "debian-12"],
    ["9lives.box", "lives"],
    ["---.box", ""],
  ])("makes of the file %p the id %p", (fileName, id) => {
    expect(idOfFile(fileName)).toBe(id);
  });
});
