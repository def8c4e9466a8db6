/** The form of a new machine: suggestions, presets and checks. */
import { describe, expect, test } from "bun:test";
import type { ImageView } from "#protocol";
import { vmSizes, vmSpec } from "#protocol";
import {
  checkForm,
  firstAvailable,
  isField,
  isPreset,
  nameError,
  sizePresets,
  startForm,
  suggestName,
} from "../../../ui/features/vms/create-form.ts";

const nobody: ReadonlySet<string> = new Set();
const image = (id: string, over: Partial<ImageView> = {}): ImageView => ({
  id,
  name: id,
  description: "",
  family: "linux",
  minRamMb: 512,
  available: true,
  hint: null,
  ...over,
});
const images = [image("big", { minRamMb: 1_024 }), image("lab")];
const form = (over = {}) => ({ ...startForm(nobody), image: "lab", ...over });

describe("the form of a new machine", () => {
  test("may be sent as it begins, once there is an image", () => {
    expect(checkForm(form(), images, nobody)).toEqual({});
    expect(checkForm(form({ image: "" }), images, nobody)).toHaveProperty("image");
  });

  test("suggests the first name that is free", () => {
    expect(suggestName(nobody)).toBe("web01");
    expect(suggestName(new Set(["web01", "web03"]))).toBe("web02");
  });

  test.each(["", "a", "Web01", "1web", "web_1", "web-", "a".repeat(33), "../x", "a#{1}"])(
    "refuses the name %p in words",
    (name) => {
      expect(nameError(name, nobody)).toMatch(/letters/);
    },
  );

  test("refuses a name that is in use, by name", () => {
    expect(nameError("web01", new Set(["web01"]))).toContain("web01");
  });

  test.each(sizePresets.map((preset) => [preset.name, preset] as const))(
    "has a valid preset %s",
    (_name, preset) => {
      const { name: _label, ...size } = preset;
      const filled = form(size);
      expect(vmSpec.safeParse(filled).success).toBe(true);
      expect(sizePresets.filter((other) => isPreset(filled, other))).toEqual([preset]);
    },
  );

  test.each([
    ["ramMb", 700],
    ["ramMb", vmSizes.ramMb.max + vmSizes.ramMb.step],
    ["cpuCores", 0],
    ["cpuCores", 1.5],
    ["diskGb", vmSizes.diskGb.max + 1],
    ["diskGb", ""],
  ])("refuses %s = %p with what is allowed", (field, value) => {
    const errors = checkForm(form({ [field]: value }), images, nobody);
    expect(Object.keys(errors)).toEqual([field]);
    expect(Object.values(errors)[0]).toMatch(/from \d+ to \d+/);
  });

  test("wants the memory that the image needs", () => {
    expect(checkForm(form({ image: "big" }), images, nobody).ramMb).toContain("1024");
  });

  test("begins with the first image that can be used", () => {
    expect(firstAvailable([image("later", { available: false }), image("lab")])).toBe("lab");
    expect(firstAvailable([])).toBe("");
  });

  test("knows its own fields only", () => {
    expect(isField("ramMb")).toBe(true);
    expect(isField("toString")).toBe(false);
    expect(isField(undefined)).toBe(false);
  });
});
