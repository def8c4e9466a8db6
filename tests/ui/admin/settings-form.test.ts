/** The settings as texts, checked by the schema of the server. */
import { describe, expect, test } from "bun:test";
import type { CloudSettings } from "#protocol";
import { checkForm, formOf } from "../../../ui/features/admin/settings/settings-form.ts";

const settings: CloudSettings = {
  registration: "open",
  startCredits: 100,
  leaseHours: null,
  quota: { vms: 5, cpuCores: 8, ramMb: 8192, diskGb: 100, snapshots: 10 },
};

describe("the form of the settings", () => {
  test("gives back what it was made of", () => {
    expect(checkForm(formOf(settings))).toEqual({ ok: true, input: settings });
  });

  test("has an empty lease for none", () => {
    expect(formOf(settings).leaseHours).toBe("");
    const check = checkForm({ ...formOf(settings), leaseHours: " 24 " });
    expect(check.ok && check.input.leaseHours).toBe(24);
  });

  test.each(["", "abc", "-1", "1.5", "1e3", "99999999"])(
    "refuses %p start credits by name",
    (startCredits) => {
      const check = checkForm({ ...formOf(settings), startCredits });
      expect(check.ok ? {} : Object.keys(check.errors)).toEqual(["startCredits"]);
      expect(check.ok ? "" : check.errors["startCredits"]).toStartWith("Must be a whole number");
    },
  );

  test("names a limit of the quota as the server does", () => {
    const form = formOf(settings);
    const check = checkForm({ ...form, quota: { ...form.quota, ramMb: "lots" } });
    expect(check.ok ? {} : Object.keys(check.errors)).toEqual(["quota.ramMb"]);
  });

  test("closes registration when its mode is unknown", () => {
    const check = checkForm({ ...formOf(settings), registration: "anything" });
    expect(check.ok && check.input.registration).toBe("closed");
  });
});
