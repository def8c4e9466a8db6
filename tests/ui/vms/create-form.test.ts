/** The form of a new machine: suggestions, presets and checks. */
import { describe, expect, test } from "bun:test";
import type { ImageView } from "#protocol";
import { imageView, vmCreateInput, vmSizes } from "#protocol";
import {
  checkForm,
  firstAvailable,
  isAdvanced,
  isField,
  isPreset,
  nameError,
  placeOf,
  shownPrice,
  sizePresets,
  startForm,
  suggestName,
} from "../../../ui/features/vms/create-form.ts";

const nobody: ReadonlySet<string> = new Set();
const image = (id: string, over: Partial<Record<keyof ImageView, unknown>> = {}): ImageView =>
  imageView.parse({
    id,
    name: id,
    description: "",
    family: "linux",
    source: "build",
    box: id,
    provider: "libvirt",
    sshUser: "vagrant",
    minRamMb: 512,
    minDiskGb: 10,
    sizeBytes: null,
    state: "available",
    available: true,
    hint: null,
    hidden: false,
    activeJobId: null,
    vmCount: 0,
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
      expect(vmCreateInput.safeParse(filled).success).toBe(true);
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

  test("wants the disk that the image needs", () => {
    const large = [image("large", { minDiskGb: 20 })];
    expect(checkForm(form({ image: "large" }), large, nobody).diskGb).toContain("20 GB");
  });

  test("has the name of a copy from its source, and keeps it short enough", () => {
    expect(suggestName(new Set(["db01"]), "db01")).toBe("db01-2");
    expect(suggestName(new Set(["db01", "db01-2"]), "db01")).toBe("db01-3");
    expect(suggestName(nobody, "a".repeat(32))).toHaveLength(32);
  });

  test("wants a schedule that does something", () => {
    const schedule = { stopAt: null, startAt: null, days: [1], timeZone: "UTC" };
    expect(checkForm(form({ schedule }), images, nobody).schedule).toContain("time");
    expect(checkForm(form({ schedule: { ...schedule, stopAt: "18:00" } }), images, nobody)).toEqual({});
  });

  test("shows the price of the tariff, and none for half a number", () => {
    expect(shownPrice({ ramMb: 512, cpuCores: 1, diskGb: 10 })).toBe(2_100);
    expect(shownPrice({ ramMb: Number.NaN, cpuCores: 1, diskGb: 10 })).toBeNull();
  });

  test.each([
    ["conflict", "name", "name"],
    ["invalid_input", "schedule.timeZone", "schedule"],
    ["conflict", "pricePerHour", "price"],
    ["quota_exceeded", undefined, "limits"],
    ["host_full", undefined, "limits"],
    ["insufficient_credits", undefined, "price"],
    ["unavailable", undefined, null],
  ] as const)("shows %s of %p at %p", (code, field, place) => {
    expect(placeOf(code, field)).toBe(place);
  });

  test("opens the folded part for a fault in it", () => {
    expect(isAdvanced({ name: "x" })).toBe(false);
    expect(isAdvanced({ tags: "x" })).toBe(true);
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
