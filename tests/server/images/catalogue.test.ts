/** The catalogue: what it holds from the start, who sees what, and what the driver's word changes. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { commands } from "#protocol";
import { openDb } from "../../../db/client.ts";
import { waitFor } from "../../helpers/wait-for.ts";
import { type ImageCloud, openImageCloud, refusal } from "./image-cloud.ts";

let cloud: ImageCloud;
let admin: ReturnType<ImageCloud["user"]>;
let ada: ReturnType<ImageCloud["user"]>;

beforeEach(() => {
  cloud = openImageCloud();
  admin = cloud.user("root", "admin");
  ada = cloud.user("ada");
});
afterEach(() => cloud.close());

describe("the first start", () => {
  test("offers the lab, Debian, Ubuntu and a RHEL family, and says what each still needs", async () => {
    const { images } = await cloud.call(ada, "image.list", {});
    expect(images.map(({ id, family, state }) => `${id} ${family} ${state}`)).toEqual([
      "lab linux available",
      "debian-12 debian missing",
      "debian-bookworm64 debian needs_internet",
      "ubuntu-22.04 ubuntu needs_internet",
      "alma-9 rhel needs_internet",
    ]);
    expect(images[0]).toMatchObject({
      available: expect.any(Boolean),
      sshUser: "vagrant",
      provider: "libvirt",
    });
  });

  test("the box behind an image is what the driver is asked for", () => {
    expect(cloud.feature.refOf("ubuntu-22.04")).toEqual({
      id: "ubuntu-22.04",
      box: "generic/ubuntu2204",
      sshUser: "vagrant",
    });
    expect(() => cloud.feature.refOf("mac")).toThrow("The image mac is no longer in the catalogue");
  });
});

test("a later start keeps what administrators changed and adds what is missing", async () => {
  const db = openDb(":memory:");
  const first = openImageCloud({ db });
  const boss = first.user("boss", "admin");
  await first.call(boss, "image.update", { imageId: "alma-9", hidden: true, name: "Alma of our school" });
  db.sqlite.run("DELETE FROM images WHERE id = 'ubuntu-22.04'");
  await first.stop();

  const second = openImageCloud({ db });
  expect(await second.image(boss, "alma-9")).toMatchObject({ hidden: true, name: "Alma of our school" });
  expect(await second.image(boss, "ubuntu-22.04")).toMatchObject({ name: "Ubuntu 22.04 LTS" });
  await second.close();
});

describe("image.list", () => {
  test("shows hidden images to administrators only, and the topic shows them to nobody", async () => {
    await cloud.call(admin, "image.update", { imageId: "debian-12", hidden: true });
    expect(await cloud.image(ada, "debian-12")).toBeUndefined();
    expect(await cloud.image(admin, "debian-12")).toMatchObject({ hidden: true });
    expect(cloud.events.at(-1)?.images.some(({ id }) => id === "debian-12")).toBe(false);
    const topic = cloud.feature.topics[0];
    const snapshot = JSON.stringify(topic?.snapshot({ session: ada, ownerId: null, key: "" }));
    expect(snapshot).toContain('"lab"');
    expect(snapshot).not.toContain('"debian-12"');
  });

  test("asks the driver once for many callers, and again after some seconds", async () => {
    await cloud.image(ada, "lab");
    const before = cloud.host.asked;
    await Promise.all([cloud.image(ada, "lab"), cloud.image(ada, "lab"), cloud.image(ada, "lab")]);
    expect(cloud.host.asked).toBe(before);
    cloud.clock.advance(5_000);
    await cloud.image(ada, "lab");
    expect(cloud.host.asked).toBe(before + 1);
  });

  test("asks again at once when the driver could not answer", async () => {
    cloud.clock.advance(5_000);
    cloud.host.failure = new Error("no libvirt");
    expect(cloud.image(ada, "lab")).rejects.toThrow("no libvirt");
    await waitFor("the failure to be seen", () => cloud.host.asked > 1);
    cloud.host.failure = null;
    expect(await cloud.image(ada, "lab")).toMatchObject({ available: true });
  });

  test("tells everybody when a box comes or goes behind our back", async () => {
    await cloud.image(ada, "lab");
    cloud.host.boxes.add("debian/bookworm64");
    cloud.clock.advance(5_000);
    await cloud.image(ada, "lab");
    const seen = cloud.events.at(-1)?.images.find(({ id }) => id === "debian-bookworm64");
    expect(seen).toMatchObject({ available: true, state: "available", hint: null, sizeBytes: 1_000 });
  });

  test("counts the VMs of each image", async () => {
    cloud.addVm(ada, "lab");
    cloud.addVm(ada, "lab", "web02");
    expect(await cloud.image(ada, "lab")).toMatchObject({ vmCount: 2 });
  });
});

describe("image.add and image.update", () => {
  const rocky = {
    imageId: "rocky-9",
    box: "generic/rocky9",
    name: "Rocky 9",
    family: "rhel" as const,
    sshUser: "vagrant",
    minRamMb: 1024,
    minDiskGb: 20,
  };

  test("a box of a registry joins the catalogue and needs the internet", async () => {
    const { image } = await cloud.call(admin, "image.add", rocky);
    expect(image).toMatchObject({
      id: "rocky-9",
      source: "registry",
      state: "needs_internet",
      available: false,
    });
  });

  test.each(["http://evil.example/x.box", "file:///etc/passwd", "../x", "/etc/passwd", "a b", "a/b/c", ""])(
    "a box is a name of a registry, and %j is none",
    (box) => {
      const parsed = commands["image.add"].input.safeParse({ ...rocky, box });
      expect(parsed.error?.issues[0]?.path).toEqual(["box"]);
    },
  );

  test("an id is taken once", async () => {
    expect(await refusal(cloud.call(admin, "image.add", { ...rocky, imageId: "lab" }))).toEqual({
      code: "conflict",
      message: "There is an image lab already",
      field: "imageId",
    });
  });

  test("only what is named changes", async () => {
    const { image } = await cloud.call(admin, "image.update", { imageId: "alma-9", minRamMb: 2048 });
    expect(image).toMatchObject({ name: "AlmaLinux 9", minRamMb: 2048, minDiskGb: 10 });
    expect(await refusal(cloud.feature.check({ image: "lab", ramMb: 256, diskGb: 10 }))).toMatchObject({
      field: "ramMb",
    });
  });

  test("an image that is not there is not found", async () => {
    const change = cloud.call(admin, "image.update", { imageId: "mac", hidden: true });
    expect((await refusal(change)).code).toBe("not_found");
  });
});

describe("image.remove", () => {
  test("is refused while VMs use the image, and says how many", async () => {
    cloud.host.boxes.add("generic/alma9");
    cloud.addVm(ada, "alma-9");
    expect(await refusal(cloud.call(admin, "image.remove", { imageId: "alma-9" }))).toMatchObject({
      code: "conflict",
      message: "1 VM uses the image alma-9",
    });
    expect(cloud.host.boxes).toContain("generic/alma9");
  });

  test("takes the box away; an image of the product stays in the catalogue, an added one goes", async () => {
    cloud.host.boxes.add("generic/alma9");
    await cloud.call(admin, "image.remove", { imageId: "alma-9" });
    expect(cloud.host.boxes).not.toContain("generic/alma9");
    expect(await cloud.image(admin, "alma-9")).toMatchObject({ state: "needs_internet" });

    const size = { minRamMb: 512, minDiskGb: 10 };
    const family = "linux" as const;
    await cloud.call(admin, "image.add", {
      imageId: "own",
      box: "me/own",
      name: "Own",
      family,
      sshUser: "me",
      ...size,
    });
    await cloud.call(admin, "image.remove", { imageId: "own" });
    expect(await cloud.image(admin, "own")).toBeUndefined();
  });

  test("no VM can be made of an image while it is being removed, and a failure leaves it as it was", async () => {
    cloud.host.boxes.add("generic/alma9");
    await cloud.image(admin, "alma-9");
    cloud.clock.advance(5_000);
    const removing = cloud.call(admin, "image.remove", { imageId: "alma-9" });
    expect(() => cloud.feature.refOf("alma-9")).toThrow("no longer in the catalogue");
    await removing;
    cloud.host.boxes.add("generic/alma9");
    cloud.host.failure = new Error("libvirt is gone");
    expect(cloud.call(admin, "image.remove", { imageId: "alma-9" })).rejects.toThrow("libvirt is gone");
    await waitFor("the removal to fail", () => cloud.feature.refOf("alma-9"));
    cloud.host.failure = null;
  });

  test("the lab image stays", async () => {
    expect((await refusal(cloud.call(admin, "image.remove", { imageId: "lab" }))).code).toBe("conflict");
  });
});
