/** Settings of the cloud: defaults, changes, and what a restart finds. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { defaultQuota } from "#protocol";
import { openDb } from "../../../db/client.ts";
import { createLog } from "../../../server/core/log.ts";
import { createSettingStore, defaultSettings } from "../../../server/features/settings/setting-store.ts";
import { type AdminCloud, openAdminCloud } from "../admin/admin-cloud.ts";

let cloud: AdminCloud;
beforeEach(() => void (cloud = openAdminCloud()));
afterEach(() => cloud.close());

const update = async (input: object) => (await cloud.ok(cloud.root, "admin.settings.update", input)).settings;

describe("settings", () => {
  test("are open registration, 100 credits, the default quota and no lease at first", async () => {
    expect(await cloud.ok(cloud.root, "admin.settings.get", {})).toEqual({
      settings: { registration: "open", startCredits: 100, quota: defaultQuota, leaseHours: null },
    });
  });

  test("change one by one and count at once", async () => {
    await update({ registration: "closed" });
    await update({ startCredits: 20 });
    expect(await update({ leaseHours: 48 })).toMatchObject({
      registration: "closed",
      startCredits: 20,
      leaseHours: 48,
    });
    expect(cloud.settings.get()).toMatchObject({ startCredits: 20 });
    expect(await update({ leaseHours: null })).toMatchObject({ leaseHours: null, registration: "closed" });
    const made = await cloud.ok(cloud.root, "admin.user.create", { username: "ada" });
    expect(made.user.balance).toBe(20_000);
  });

  test("tell those who listen, and the feed of administrators, only when something changed", async () => {
    const heard: number[] = [];
    cloud.settings.onChange(({ quota }) => heard.push(quota.vms));
    await update({ quota: { ...defaultQuota, vms: 2 } });
    await update({ quota: { ...defaultQuota, vms: 2 }, registration: "open" });
    expect(heard).toEqual([2]);
    const { events } = await cloud.ok(cloud.root, "event.list", {});
    expect(events).toMatchObject([
      {
        name: "settings.changed",
        message: "root changed settings of the cloud: default quota",
        ownerId: null,
      },
    ]);
  });

  test.each([
    { registration: "maybe" },
    { startCredits: -1 },
    { startCredits: 1.5 },
    { quota: { vms: 1 } },
    { quota: { ...defaultQuota, extra: 1 } },
    { leaseHours: 0 },
    { secret: "x" },
  ])("refuse %p and stay as they are", async (input) => {
    expect(await cloud.refused(cloud.root, "admin.settings.update", input)).toMatchObject({
      code: "invalid_input",
    });
    expect(cloud.settings.get()).toEqual(defaultSettings);
  });

  test("are found again after a restart, with defaults for what was not stored", async () => {
    const db = openDb(":memory:");
    const log = createLog("silent");
    createSettingStore(db, log).set({ ...defaultSettings, startCredits: 7 });
    expect(createSettingStore(db, log).get()).toMatchObject({ startCredits: 7, registration: "open" });
    db.sqlite.run(`update settings set value = '{"startCredits":9}' where key = 'cloud'`);
    expect(createSettingStore(db, log).get()).toEqual({ ...defaultSettings, startCredits: 9 });
    db.sqlite.run(`update settings set value = 'not json' where key = 'cloud'`);
    expect(createSettingStore(db, log).get()).toEqual(defaultSettings);
    db.close();
  });
});
