/** Building, fetching and importing: jobs that end cleanly whatever happens, and can be asked for again. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdtempSync } from "node:fs";
import { readdir, utimes } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openDb } from "../../../db/client.ts";
import { AppError } from "../../../server/core/errors.ts";
import { BoxHost, type ImageCloud, openImageCloud, refusal } from "./image-cloud.ts";
import { boxFile, goodDisk, member } from "./box-files.ts";

let cloud: ImageCloud;
let admin: ReturnType<ImageCloud["user"]>;

beforeEach(() => {
  cloud = openImageCloud();
  admin = cloud.user("root", "admin");
});
afterEach(() => cloud.close());

const form = {
  imageId: "school",
  name: "School",
  family: "linux" as const,
  sshUser: "pupil",
  minRamMb: 512,
  minDiskGb: 10,
};

async function upload(bytes: Uint8Array, into = cloud): Promise<string> {
  const file = await into.feature.uploads.begin(bytes.length);
  await file.write(bytes);
  await file.commit();
  return file.id;
}

const uploadsLeft = (into = cloud) => readdir(join(into.vmsDir, ".uploads"));

describe("image.prepare", () => {
  test("builds what has a recipe, live, and the image is available when the job has ended", async () => {
    const gate = Promise.withResolvers<void>();
    cloud.host.hold = gate.promise;
    const { image, jobId } = await cloud.call(admin, "image.prepare", { imageId: "debian-12" });
    expect(image).toMatchObject({ state: "working", available: false, activeJobId: jobId });
    expect(cloud.events.at(-1)?.images.find(({ id }) => id === "debian-12")?.state).toBe("working");
    gate.resolve();
    const job = await cloud.jobEnd(admin, jobId);
    expect(job).toMatchObject({
      kind: "image.build",
      state: "succeeded",
      vmId: null,
      targetName: "Debian 12",
    });
    expect(cloud.host.added).toMatchObject([{ image: { id: "debian-12" }, origin: { kind: "build" } }]);
    expect(await cloud.image(admin, "debian-12")).toMatchObject({ state: "available", activeJobId: null });
  });

  test("fetches what a registry has, and says why when that fails", async () => {
    cloud.host.hold = Promise.reject(new AppError("driver_failed", "The registry cannot be reached"));
    cloud.host.hold.catch(() => {});
    const { jobId } = await cloud.call(admin, "image.prepare", { imageId: "alma-9" });
    const job = await cloud.jobEnd(admin, jobId);
    expect(job).toMatchObject({ kind: "image.fetch", state: "failed", retryable: true });
    expect(job.error?.message).toBe("The registry cannot be reached");
    expect(await cloud.image(admin, "alma-9")).toMatchObject({ state: "needs_internet", activeJobId: null });
  });

  test("one job at a time for one image, and no removal during it", async () => {
    cloud.host.hold = new Promise(() => {});
    const { jobId } = await cloud.call(admin, "image.prepare", { imageId: "alma-9" });
    expect(await refusal(cloud.call(admin, "image.prepare", { imageId: "alma-9" }))).toMatchObject({
      code: "conflict",
      message: "Another job works on the image alma-9",
    });
    expect((await refusal(cloud.call(admin, "image.remove", { imageId: "alma-9" }))).code).toBe("conflict");
    await cloud.call(admin, "job.cancel", { jobId });
    expect((await cloud.jobEnd(admin, jobId)).state).toBe("cancelled");
    expect(await cloud.image(admin, "alma-9")).toMatchObject({ state: "needs_internet" });
  });

  test("the same request key finds the job it made", async () => {
    const first = await cloud.call(admin, "image.prepare", { imageId: "alma-9" }, "key-1");
    const second = await cloud.call(admin, "image.prepare", { imageId: "alma-9" }, "key-1");
    expect(second.jobId).toBe(first.jobId);
    await cloud.jobEnd(admin, first.jobId);
    expect(cloud.host.added).toHaveLength(1);
  });
});

describe("image.import", () => {
  test("gives the driver a box of ours: the disk as it was, the Vagrantfile replaced, and clears up", async () => {
    const disk = await goodDisk(2);
    const uploadId = await upload(await boxFile([...member.usual(), member.file("box.img", disk)]));
    const { jobId } = await cloud.call(admin, "image.import", { ...form, uploadId });
    expect(await cloud.jobEnd(admin, jobId)).toMatchObject({ kind: "image.import", state: "succeeded" });
    const [added] = cloud.host.added;
    expect(added?.image).toEqual({
      id: "school",
      box: `twarga-file-${uploadId.slice(0, 16)}`,
      sshUser: "pupil",
    });
    expect(added?.file).not.toContain("system(");
    expect(added?.file).toContain('Vagrant.configure("2") { |_config| }');
    expect(added?.file).toContain('"virtual_size":2');
    expect(added?.file).toContain(disk.toString("latin1").slice(0, 200));
    expect(await uploadsLeft()).toEqual([]);
    expect(await cloud.image(admin, "school")).toMatchObject({ source: "file", state: "available" });
  });

  test("a file that is refused leaves no entry in the catalogue, and the id is free", async () => {
    const uploadId = await upload(new TextEncoder().encode("no archive at all"));
    const { jobId } = await cloud.call(admin, "image.import", { ...form, uploadId });
    const job = await cloud.jobEnd(admin, jobId);
    expect(job).toMatchObject({ state: "failed", error: { code: "invalid_input" } });
    expect(job.error?.message).toBe("The file is not taken: it is no whole .box archive");
    expect(await cloud.image(admin, "school")).toBeUndefined();
    expect(await uploadsLeft()).toEqual([`${uploadId}.box`]);
  });

  test("an unknown upload and a taken id are refused at once", async () => {
    const uploadId = "0123456789abcdef0123456789abcdef";
    expect(await refusal(cloud.call(admin, "image.import", { ...form, uploadId }))).toMatchObject({
      code: "invalid_input",
      field: "uploadId",
    });
    const real = await upload(new Uint8Array(8));
    const taken = cloud.call(admin, "image.import", { ...form, imageId: "lab", uploadId: real });
    expect(await refusal(taken)).toMatchObject({ code: "conflict", field: "imageId" });
  });

  test("a disk larger than the least disk of its VMs is refused with its size", async () => {
    const uploadId = await upload(
      await boxFile([...member.usual(), member.file("box.img", await goodDisk(20))]),
    );
    const { jobId } = await cloud.call(admin, "image.import", { ...form, uploadId });
    expect((await cloud.jobEnd(admin, jobId)).error?.message).toContain("its disk has 20 GB");
  });

  test("cannot be prepared, but imported anew once its box is gone", async () => {
    const bytes = await boxFile([...member.usual(), member.file("box.img", await goodDisk(2))]);
    const first = await cloud.call(admin, "image.import", { ...form, uploadId: await upload(bytes) });
    await cloud.jobEnd(admin, first.jobId);
    expect((await refusal(cloud.call(admin, "image.prepare", { imageId: "school" }))).code).toBe("conflict");
    cloud.host.boxes.clear();
    cloud.clock.advance(5_000);
    expect(await cloud.image(admin, "school")).toMatchObject({ state: "missing" });
    const again = await cloud.call(admin, "image.import", { ...form, uploadId: await upload(bytes) });
    expect((await cloud.jobEnd(admin, again.jobId)).state).toBe("succeeded");
  });
});

describe("after a crash", () => {
  test("interrupted jobs have failed, their images are free, and a half import has left no entry", async () => {
    const db = openDb(":memory:");
    const vmsDir = mkdtempSync(join(tmpdir(), "twarga-images-"));
    const host = new BoxHost();
    const first = openImageCloud({ db, vmsDir, host });
    const boss = first.user("boss", "admin");
    host.hold = new Promise(() => {});
    const build = await first.call(boss, "image.prepare", { imageId: "debian-12" });
    const bytes = await boxFile([...member.usual(), member.file("box.img", await goodDisk(2))]);
    const uploadId = await upload(bytes, first);
    const half = await first.call(boss, "image.import", { ...form, uploadId });
    await first.stop();
    host.hold = null;

    const second = openImageCloud({ db, vmsDir, host });
    for (const { jobId } of [build, half]) {
      const { job } = await second.call(boss, "job.get", { jobId });
      expect(job).toMatchObject({ state: "failed", retryable: true });
      expect(job.error?.message).toBe("Interrupted by a restart of the server");
    }
    expect(await second.image(boss, "debian-12")).toMatchObject({ state: "missing", activeJobId: null });
    expect(await second.image(boss, "school")).toBeUndefined();
    expect(await uploadsLeft(second)).toEqual([`${uploadId}.box`]);

    const again = await second.call(boss, "job.retry", { jobId: half.jobId });
    expect(await second.jobEnd(boss, again.jobId)).toMatchObject({ state: "succeeded", error: null });
    await second.close();
  });
});

test("a job is asked for again by administrators only", async () => {
  cloud.host.hold = Promise.reject(new AppError("driver_failed", "No route to the registry"));
  cloud.host.hold.catch(() => {});
  const { jobId } = await cloud.call(admin, "image.prepare", { imageId: "alma-9" });
  await cloud.jobEnd(admin, jobId);
  cloud.host.hold = null;
  const demoted = { ...admin, role: "user" as const };
  expect((await refusal(cloud.call(demoted, "job.retry", { jobId }))).code).toBe("forbidden");
  const again = await cloud.call(admin, "job.retry", { jobId });
  expect((await cloud.jobEnd(admin, again.jobId)).state).toBe("succeeded");
});

test("uploads nobody came for are gone after a day", async () => {
  await upload(new Uint8Array(8));
  const half = await cloud.feature.uploads.begin(8);
  await half.write(new Uint8Array(4));
  expect(await uploadsLeft()).toHaveLength(2);
  // The clock of the files is the host's, and far ahead of the test's.
  for (const name of await uploadsLeft()) await utimes(join(cloud.vmsDir, ".uploads", name), 0, 0);
  cloud.clock.advance(24 * 3_600_000);
  expect(await uploadsLeft()).toEqual([]);
  await half.discard();
});
