/** Which VM may be made from which image. */
import { describe, expect, test } from "bun:test";
import type { ImageView, Role } from "#protocol";
import { AppError } from "../../../server/core/errors.ts";
import { checkImage } from "../../../server/features/images/image-check.ts";

const lab: ImageView = {
  id: "lab",
  name: "Lab",
  description: "",
  family: "linux",
  source: "build",
  box: "twarga-lab",
  provider: "libvirt",
  sshUser: "vagrant",
  minRamMb: 512,
  minDiskGb: 10,
  sizeBytes: 1,
  state: "available",
  available: true,
  hint: null,
  hidden: false,
  activeJobId: null,
  vmCount: 0,
};
const big: ImageView = { ...lab, id: "big", minRamMb: 2048, minDiskGb: 20 };
const spec = { image: "lab", ramMb: 512, diskGb: 10 };

function refused(images: ImageView[], wanted: typeof spec, role: Role = "user") {
  try {
    checkImage(images, wanted, role);
  } catch (error) {
    if (error instanceof AppError) return { code: error.code, message: error.message, field: error.field };
  }
  throw new Error("It was accepted");
}

describe("checkImage", () => {
  test("accepts an available image with enough memory and disk", () => {
    expect(checkImage([lab, big], { image: "big", ramMb: 2048, diskGb: 20 }, "user")).toBe(big);
  });
  test("names the memory an image needs", () => {
    expect(refused([lab, big], { ...spec, image: "big" })).toEqual({
      code: "invalid_input",
      message: "The image big needs at least 2048 MB of memory",
      field: "ramMb",
    });
  });
  test("names the disk an image needs", () => {
    expect(refused([lab, big], { ...spec, image: "big", ramMb: 4096 })).toEqual({
      code: "invalid_input",
      message: "The image big needs at least 20 GB of disk",
      field: "diskGb",
    });
  });
  test("lists only images that can be booted as allowed", () => {
    const missing = { ...big, available: false, hint: "Build it." };
    expect(refused([lab, missing], { ...spec, image: "mac" }).message).toBe(
      "There is no image mac; allowed: lab",
    );
    expect(refused([lab, missing], { ...spec, image: "big" }).message).toBe(
      "The image big is not available here; allowed: lab. Build it.",
    );
  });
  test("a hidden image is for users as if it were not there, and for administrators as any other", () => {
    const images = [lab, { ...big, hidden: true }];
    const wanted = { image: "big", ramMb: 2048, diskGb: 20 };
    expect(refused(images, wanted).message).toBe("There is no image big; allowed: lab");
    expect(checkImage(images, wanted, "admin").id).toBe("big");
  });
});
