/** The catalogue and the driver's word on it. */
import { describe, expect, test } from "bun:test";
import type { ImageView } from "#protocol";
import { commands } from "#protocol";
import { AppError } from "../../../server/core/errors.ts";
import type { DriverImage, VmDriver } from "../../../server/drivers/vm-driver.ts";
import { catalogue } from "../../../server/features/images/catalogue.ts";
import { checkImage } from "../../../server/features/images/image-check.ts";
import { createImageFeature } from "../../../server/features/images/index.ts";
import { ManualClock } from "../../helpers/manual-clock.ts";

const lab: ImageView = {
  id: "lab",
  name: "Lab",
  description: "",
  family: "linux",
  minRamMb: 512,
  available: true,
  hint: null,
};
const big: ImageView = { ...lab, id: "big", minRamMb: 2048 };

function refused(
  images: ImageView[],
  image: string,
  ramMb = 512,
): Pick<AppError, "code" | "message" | "field"> {
  try {
    checkImage(images, { image, ramMb });
  } catch (error) {
    if (error instanceof AppError) return { code: error.code, message: error.message, field: error.field };
  }
  throw new Error("It was accepted");
}

describe("checkImage", () => {
  test("accepts an available image with enough memory", () => {
    expect(checkImage([lab, big], { image: "big", ramMb: 2048 })).toBe(big);
  });
  test("names the memory an image needs", () => {
    expect(refused([lab, big], "big", 512)).toEqual({
      code: "invalid_input",
      message: "The image big needs at least 2048 MB of memory",
      field: "ramMb",
    });
  });
  test("lists only images that can be booted as allowed", () => {
    expect(refused([lab, { ...big, available: false }], "mac").message).toBe(
      "There is no image mac; allowed: lab",
    );
  });
});

function feature(answers: (() => Promise<readonly DriverImage[]>)[]) {
  const clock = new ManualClock();
  let asked = 0;
  const images = () => answers[Math.min(asked++, answers.length - 1)]?.() ?? Promise.resolve([]);
  // Only `images` is ever asked by this feature.
  const driver = { images } as Partial<VmDriver> as VmDriver;
  const { commands: bound, check } = createImageFeature({ driver, clock });
  const list = async () => {
    const caller = { session: null, face: "rest" as const, remoteAddress: "", userAgent: "", channel: null };
    return commands["image.list"].output.parse(await bound[0]?.run({}, caller)).images;
  };
  return { clock, list, check, asked: () => asked };
}

describe("image.list", () => {
  test("shows every entry of the catalogue with what the driver says", async () => {
    const hint = "Build it: npm run box";
    const { list } = feature([async () => [{ id: "lab", available: false, hint }]]);
    expect((await list()).map(({ id }) => id)).toEqual(catalogue.map(({ id }) => id));
    expect((await list())[0]).toMatchObject({ id: "lab", available: false, hint });
  });
  test("says that the driver cannot boot what it does not name", async () => {
    const { list } = feature([async () => []]);
    expect((await list())[0]).toMatchObject({ available: false, hint: "The driver in use cannot boot it" });
  });
  test("asks the driver once for many callers, and again after some seconds", async () => {
    const { list, clock, asked } = feature([async () => []]);
    await Promise.all([list(), list(), list()]);
    expect(asked()).toBe(1);
    clock.advance(5_000);
    await list();
    expect(asked()).toBe(2);
  });
  test("asks again at once when the driver could not answer", async () => {
    const broken = async () => {
      throw new Error("no libvirt");
    };
    const { list } = feature([broken, async () => [{ id: "lab", available: true, hint: null }]]);
    expect(list()).rejects.toThrow("no libvirt");
    await Bun.sleep(0);
    expect((await list())[0]?.available).toBe(true);
  });
});
