/** Deleting users: with and without VMs, handed over, and through the end of the server. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { openDb } from "../../../db/client.ts";
import type { Session } from "../../../server/core/caller.ts";
import { type AdminCloud, openAdminCloud } from "./admin-cloud.ts";

let cloud: AdminCloud;
let root: Session;
beforeEach(() => {
  cloud = openAdminCloud();
  root = cloud.root;
});
afterEach(() => cloud.close());

const feedOf = async (by: Session) => (await cloud.ok(by, "event.list", {})).events.map(({ name }) => name);

describe("deletion", () => {
  const stateOf = (username: string) =>
    cloud.db.sqlite
      .query("select active, deleted_at_ms is not null as gone from users where username = ?")
      .get(username);

  test("without VMs is done at once; ledger, events and audit stay, and the name is free", async () => {
    const ada = cloud.person("ada");
    expect(await cloud.ok(root, "admin.user.delete", { userId: ada.userId, vms: "destroy" })).toEqual({
      jobIds: [],
    });
    expect(stateOf("ada")).toEqual({ active: 0, gone: 1 });
    expect(await cloud.refused(root, "admin.user.get", { userId: ada.userId })).toMatchObject({
      code: "not_found",
    });
    expect(
      cloud.db.sqlite.query("select count(*) as n from ledger where user_id = ?").get(ada.userId),
    ).toEqual({ n: 1 });
    expect(await cloud.ok(root, "audit.list", { action: "admin.user.delete" })).toMatchObject({
      entries: [{ targetName: "ada", outcome: "ok" }],
    });
    expect((await feedOf(root))[0]).toBe("account.deleted");
    await cloud.ok(root, "admin.user.create", { username: "ada" });
  });

  test("with an heir and the VMs destroyed contradicts itself, and nothing happens", async () => {
    const [ada, bob] = [cloud.person("ada"), cloud.person("bob")];
    cloud.vms.add(ada.userId, "web");
    const input = { userId: ada.userId, vms: "destroy" as const, transferTo: bob.userId };
    expect(await cloud.refused(root, "admin.user.delete", input)).toMatchObject({
      ...{ code: "invalid_input", field: "transferTo" },
    });
    expect(stateOf("ada")).toEqual({ active: 1, gone: 0 });
    expect(cloud.vms.acted).toEqual([]);
  });

  test("closes the account at once and removes it when the last VM is gone", async () => {
    const ada = cloud.person("ada");
    const [one, two] = [cloud.vms.add(ada.userId, "one"), cloud.vms.add(ada.userId, "two", "stopped")];
    const { jobIds } = await cloud.ok(root, "admin.user.delete", { userId: ada.userId, vms: "destroy" });
    expect(jobIds).toHaveLength(2);
    expect(stateOf("ada")).toEqual({ active: 0, gone: 0 });
    for (const input of [{ active: true }, { role: "admin" as const }])
      expect(await cloud.refused(root, "admin.user.update", { userId: ada.userId, ...input })).toMatchObject({
        code: "conflict",
      });
    cloud.vms.end(one, "gone");
    await Promise.resolve();
    expect(stateOf("ada")).toEqual({ active: 0, gone: 0 });
    cloud.vms.end(two, "gone");
    await Promise.resolve();
    expect(stateOf("ada")).toEqual({ active: 0, gone: 1 });
  });

  test("waits for a VM that is busy, and tries one that could not be destroyed again later", async () => {
    const ada = cloud.person("ada");
    const vm = cloud.vms.add(ada.userId, "web");
    cloud.vms.busy.add(vm);
    expect(await cloud.ok(root, "admin.user.delete", { userId: ada.userId, vms: "destroy" })).toEqual({
      jobIds: [],
    });
    cloud.vms.busy.delete(vm);
    cloud.vms.end(vm, "failed");
    await Promise.resolve();
    expect(cloud.vms.acted).toHaveLength(1);
    // A destroy that fails leaves the VM: no second try in the same breath.
    cloud.vms.end(vm, "failed");
    await Promise.resolve();
    expect(cloud.vms.acted).toHaveLength(1);
    cloud.clock.advance(30 * 60_000);
    expect(cloud.vms.acted).toHaveLength(2);
    cloud.vms.end(vm, "gone");
    await Promise.resolve();
    expect(stateOf("ada")).toEqual({ active: 0, gone: 1 });
  });

  test("goes on after the server was killed in its midst", async () => {
    const db = openDb(":memory:");
    const first = openAdminCloud({ db });
    const ada = first.person("ada");
    const vm = first.vms.add(ada.userId, "web");
    await first.ok(first.root, "admin.user.delete", { userId: ada.userId, vms: "destroy" });
    await first.close();
    // The job ended, or the reconciler found the machine gone, while nobody listened.
    db.sqlite.run("update vms set destroyed_at_ms = 2, active_job_id = null where id = ?", [vm]);
    db.sqlite.run("update users set username = 'root-1' where username = 'root'");
    const second = openAdminCloud({ db });
    second.admin.resume();
    expect(
      db.sqlite.query("select deleted_at_ms is not null as gone from users where username = 'ada'").get(),
    ).toEqual({ gone: 1 });
    expect(
      db.sqlite.query("select count(*) as n from settings where key like 'account.deletion%'").get(),
    ).toEqual({ n: 0 });
    await second.close();
    db.close();
  });

  test("hands the VMs to another user, or changes nothing", async () => {
    const [ada, bob, off] = [cloud.person("ada"), cloud.person("bob"), cloud.person("off")];
    await cloud.ok(root, "admin.user.update", { userId: off.userId, active: false });
    const vm = cloud.vms.add(ada.userId, "web");
    const give = { userId: ada.userId, vms: "transfer" } as const;
    for (const input of [{}, { transferTo: ada.userId }, { transferTo: 999 }, { transferTo: off.userId }])
      expect(await cloud.refused(root, "admin.user.delete", { ...give, ...input })).toMatchObject({
        code: "invalid_input",
        field: "transferTo",
      });
    const twin = cloud.vms.add(bob.userId, "web");
    expect(await cloud.refused(root, "admin.user.delete", { ...give, transferTo: bob.userId })).toMatchObject(
      { code: "conflict" },
    );
    expect(stateOf("ada")).toEqual({ active: 1, gone: 0 });

    cloud.vms.end(twin, "gone");
    await cloud.ok(root, "admin.user.delete", { ...give, transferTo: bob.userId });
    expect(cloud.vms.ownedBy(bob.userId).map(({ id }) => id)).toEqual([vm]);
    expect(stateOf("ada")).toEqual({ active: 0, gone: 1 });
    expect(await feedOf(bob)).toContain("vm.received");
  });
});
