/** What administrators do to accounts: lists, changes, credits, bulk, deletion. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import type { UserId } from "#protocol";
import type { Session } from "../../../server/core/caller.ts";
import { type AdminCloud, openAdminCloud } from "./admin-cloud.ts";

let cloud: AdminCloud;
let root: Session;
beforeEach(() => {
  cloud = openAdminCloud();
  root = cloud.root;
});
afterEach(() => cloud.close());

const userOf = async (userId: UserId) => (await cloud.ok(root, "admin.user.get", { userId })).user;
const usernames = async (input: object) =>
  (await cloud.ok(root, "admin.user.list", input)).users.map(({ username }) => username);

describe("the list of users", () => {
  test("finds text literally in name, e-mail and class, and counts all matches", async () => {
    for (const username of ["ada_x", "adabx", "grace"]) cloud.person(username);
    await cloud.ok(root, "admin.user.update", {
      userId: cloud.idOf("grace"),
      className: "a_b",
      email: "g@x.org",
    });
    expect(await usernames({ search: "a_x" })).toEqual(["ada_x"]);
    expect(await usernames({ search: "a_b" })).toEqual(["grace"]);
    expect(await usernames({ search: "G@X" })).toEqual(["grace"]);
    expect(await usernames({ search: "%" })).toEqual([]);
    expect(await cloud.ok(root, "admin.user.list", { limit: 1 })).toMatchObject({ total: 4 });
  });

  test("filters by role, activity and class", async () => {
    const ada = cloud.person("ada");
    cloud.person("bob");
    await cloud.ok(root, "admin.user.update", { userId: ada.userId, active: false, className: "10 B" });
    expect(await usernames({ role: "admin" })).toEqual(["root"]);
    expect(await usernames({ active: false })).toEqual(["ada"]);
    expect(await usernames({ active: true })).toEqual(["bob", "root"]);
    expect(await usernames({ className: "10 B" })).toEqual(["ada"]);
  });

  test("shows balance, VMs and what they burn", async () => {
    const ada = cloud.person("ada");
    cloud.vms.add(ada.userId, "one");
    cloud.vms.add(ada.userId, "two", "stopped");
    const gone = cloud.vms.add(ada.userId, "gone");
    cloud.vms.end(gone, "gone");
    // 1 for 512 MB, 1 for the core and 0.1 for the disk; the stopped one pays for its disk.
    expect(await userOf(ada.userId)).toMatchObject({
      ...{ vmCount: 2, runningCount: 1, balance: 100_000, burnPerHour: 2_100 + 100 },
    });
  });

  test.each(["username", "createdAt", "lastLogin", "balance", "vms"] as const)(
    "sorted by %s both ways, pages give every user once",
    async (sort) => {
      for (let n = 0; n < 12; n += 1) {
        const { userId } = cloud.person(`user-${n}`);
        cloud.clock.advance(n % 3);
        if (n % 4 === 0) cloud.vms.add(userId, `vm-${n}`);
        if (n % 5 === 0)
          await cloud.ok(root, "admin.user.credits", { userId, amount: n + 1, reason: "for a test" });
      }
      for (const order of ["asc", "desc"] as const) {
        const whole = await usernames({ sort, order, limit: 200 });
        const paged: string[] = [];
        let cursor: string | undefined;
        do {
          const page = await cloud.ok(root, "admin.user.list", {
            sort,
            order,
            limit: 5,
            ...(cursor && { cursor }),
          });
          paged.push(...page.users.map(({ username }) => username));
          cursor = page.nextCursor ?? undefined;
        } while (cursor !== undefined);
        expect(paged).toEqual(whole);
        expect(new Set(paged).size).toBe(13);
      }
    },
  );

  test("while users come and go, pages repeat none and miss none that was there before", async () => {
    for (let n = 10; n < 40; n += 1) cloud.person(`user-${n}`);
    const before = await usernames({ limit: 200 });
    const seen: string[] = [];
    let cursor: string | undefined;
    for (let page = 0; ; page += 1) {
      const got = await cloud.ok(root, "admin.user.list", { limit: 7, ...(cursor && { cursor }) });
      seen.push(...got.users.map(({ username }) => username));
      if (got.nextCursor === null) break;
      cursor = got.nextCursor;
      cloud.person(`aa-${page}`);
      cloud.person(`zz-${page}`);
      cloud.accounts.remove(cloud.idOf(seen[0] ?? ""));
    }
    expect(new Set(seen).size).toBe(seen.length);
    expect(before.filter((name) => !seen.includes(name))).toEqual([]);
  });

  test("refuses a cursor that is forged, of another list or of another administrator", async () => {
    for (let n = 0; n < 4; n += 1) cloud.person(`user-${n}`);
    const other = cloud.person("other", "admin");
    const { nextCursor } = await cloud.ok(root, "admin.user.list", { limit: 2 });
    const cursor = nextCursor ?? "";
    const tries: [Session, object][] = [
      [root, { cursor: `${cursor}x` }],
      [root, { cursor: "WzEsMV0.AAAAAAAAAAAAAAAA" }],
      [root, { cursor, sort: "balance" }],
      [root, { cursor, search: "user" }],
      [other, { cursor }],
    ];
    for (const [by, input] of tries)
      expect(await cloud.refused(by, "admin.user.list", input)).toMatchObject({
        code: "invalid_input",
        field: "cursor",
      });
    expect(await cloud.ok(root, "admin.user.list", { limit: 2, cursor })).toMatchObject({ users: [{}, {}] });
  });

  test.each([
    { sort: "name; drop table users" },
    { limit: 0 },
    { limit: -1 },
    { limit: 1e9 },
    { limit: Number.NaN },
  ])("refuses %p", async (input) => {
    expect(await cloud.refused(root, "admin.user.list", input)).toMatchObject({ code: "invalid_input" });
  });
});

describe("an account", () => {
  test("no account begins after its end", async () => {
    const expiresAtMs = cloud.clock.now();
    expect(await cloud.refused(root, "admin.user.create", { username: "ada", expiresAtMs })).toMatchObject({
      ...{ code: "invalid_input", field: "expiresAtMs" },
    });
    expect(await usernames({ search: "ada" })).toEqual([]);
    await cloud.ok(root, "admin.user.create", { username: "ada", expiresAtMs: expiresAtMs + 1 });
  });

  test("is made with a one-time password when none is given, and its user is told by whom", async () => {
    const made = await cloud.ok(root, "admin.user.create", { username: "ada", className: "10 B" });
    expect(made).toMatchObject({
      user: { username: "ada", className: "10 B", balance: 100_000 },
      password: "one-time-1",
    });
    const { events } = await cloud.ok(root, "event.list", {});
    expect(events[0]).toMatchObject({
      name: "account.created",
      ownerId: made.user.id,
      actorName: "root",
      message: "The account ada is made by root",
    });
  });

  test.each(["id", "balance", "createdAtMs", "passwordHash", "deletedAtMs", "credits"])(
    "cannot be given the field %s",
    async (field) => {
      const ada = cloud.person("ada");
      const before = await userOf(ada.userId);
      for (const name of ["admin.user.update", "admin.user.create"] as const) {
        const target = name === "admin.user.update" ? { userId: ada.userId } : { username: "eve" };
        expect(await cloud.refused(root, name, { ...target, [field]: 1 })).toMatchObject({
          code: "invalid_input",
        });
      }
      expect(await userOf(ada.userId)).toEqual(before);
    },
  );

  test("is changed in all its fields, and only in those that are given", async () => {
    const { userId } = cloud.person("ada");
    await cloud.ok(root, "admin.user.update", { userId, className: "10 B", email: "ada@example.org" });
    await cloud.ok(root, "admin.user.update", { userId, role: "admin", expiresAtMs: 1_900_000_000_000 });
    await cloud.ok(root, "admin.user.update", { userId, quota: { vms: 9, ramMb: null } });
    const { user, quota } = await cloud.ok(root, "admin.user.get", { userId });
    expect(user).toMatchObject({
      className: "10 B",
      email: "ada@example.org",
      role: "admin",
      expiresAtMs: 1_900_000_000_000,
    });
    expect(quota).toMatchObject({ limits: { vms: 9, ramMb: 8192 }, own: ["vms"] });
    await cloud.ok(root, "admin.user.update", { userId, className: null, email: null, expiresAtMs: null });
    expect(await userOf(userId)).toMatchObject({
      className: null,
      email: null,
      expiresAtMs: null,
      role: "admin",
    });
  });

  test("of the caller cannot be deactivated, demoted, expired, reset or deleted by himself", async () => {
    const { userId } = root;
    const tries: [Parameters<AdminCloud["refused"]>[1], object][] = [
      ["admin.user.update", { userId, active: false }],
      ["admin.user.update", { userId, role: "user" }],
      ["admin.user.update", { userId, expiresAtMs: cloud.clock.now() }],
      ["admin.user.resetPassword", { userId }],
      ["admin.user.delete", { userId, vms: "destroy" }],
      ["admin.user.delete", { userId, vms: "transfer", transferTo: cloud.person("heir").userId }],
    ];
    for (const [name, input] of tries)
      expect(await cloud.refused(root, name, input)).toMatchObject({
        code: "conflict",
        message: expect.stringContaining("your own"),
      });
    const bulk = await cloud.ok(root, "admin.user.bulk", { userIds: [userId], action: "deactivate" });
    expect(bulk.results).toMatchObject([{ userId, error: { code: "conflict" } }]);
    expect(await userOf(userId)).toMatchObject({ active: true, role: "admin", expiresAtMs: null });
  });

  test("that is not there is not found, by every command", async () => {
    const userId = 999;
    const tries: [Parameters<AdminCloud["refused"]>[1], object][] = [
      ["admin.user.get", {}],
      ["admin.user.update", { active: false }],
      ["admin.user.delete", { vms: "destroy" }],
      ["admin.user.resetPassword", {}],
      ["admin.user.logout", {}],
      ["admin.user.credits", { amount: 1, reason: "no reason" }],
    ];
    for (const [name, input] of tries)
      expect(await cloud.refused(root, name, { userId, ...input })).toMatchObject({ code: "not_found" });
  });
});

describe("credits", () => {
  test("are whole, given or taken with a reason, and never below zero", async () => {
    const { userId } = cloud.person("ada");
    const change = (input: object) =>
      cloud.ok(root, "admin.user.credits", { userId, amount: 1, reason: "exam bonus", ...input });
    expect(await change({ amount: 50 })).toEqual({ balance: 150_000 });
    expect(await change({ amount: 150, action: "deduct" })).toEqual({ balance: 0 });
    expect(
      await cloud.refused(root, "admin.user.credits", {
        userId,
        amount: 1,
        action: "deduct",
        reason: "exam",
      }),
    ).toMatchObject({
      code: "insufficient_credits",
    });
    const rows = cloud.db.sqlite.query("select * from audit_log where action = 'admin.user.credits'").all();
    expect(rows).toMatchObject([
      { target_name: "ada", outcome: "ok", actor_name: "root", input: expect.stringContaining("exam bonus") },
      { outcome: "ok" },
      { outcome: "insufficient_credits" },
    ]);
  });

  test.each([-5, 0, 1.5, 1e20, "5", Number.NaN, null, undefined])("refuse the amount %p", async (amount) => {
    const { userId } = cloud.person("ada");
    const input = { userId, amount, reason: "exam bonus" };
    expect(await cloud.refused(root, "admin.user.credits", input)).toMatchObject({
      code: "invalid_input",
      field: "amount",
    });
    expect(await userOf(userId)).toMatchObject({ balance: 100_000 });
  });

  test("need a reason and an administrator", async () => {
    const ada = cloud.person("ada");
    const input = { userId: ada.userId, amount: 5 };
    expect(await cloud.refused(root, "admin.user.credits", input)).toMatchObject({
      code: "invalid_input",
      field: "reason",
    });
    expect(await cloud.refused(ada, "admin.user.credits", { ...input, reason: "please" })).toMatchObject({
      code: "forbidden",
    });
  });

  test("of one request key are given once", async () => {
    const { userId } = cloud.person("ada");
    const input = { userId, amount: 5, reason: "exam bonus" };
    for (let n = 0; n < 3; n += 1)
      expect(await cloud.ok(root, "admin.user.credits", input, "key-1")).toEqual({ balance: 105_000 });
    expect(await cloud.ok(root, "admin.user.credits", input, "key-2")).toEqual({ balance: 110_000 });
  });
});

describe("a bulk action", () => {
  test("gives one result for each user and goes on behind a refusal", async () => {
    const ids = ["ada", "bob", "eve"].map((name) => cloud.person(name).userId);
    const userIds = [ids[0] ?? 0, 999, root.userId, ids[1] ?? 0, ids[0] ?? 0];
    const { results } = await cloud.ok(root, "admin.user.bulk", { userIds, action: "deactivate" });
    expect(results).toMatchObject([
      { userId: ids[0], error: null },
      { userId: 999, error: { code: "not_found" } },
      { userId: root.userId, error: { code: "conflict" } },
      { userId: ids[1], error: null },
    ]);
    expect(await usernames({ active: false })).toEqual(["ada", "bob"]);
  });

  test("grants, sets the class, logs out, activates and stops VMs", async () => {
    const ada = cloud.person("ada");
    const vm = cloud.vms.add(ada.userId, "web");
    cloud.vms.add(ada.userId, "off", "stopped");
    const bulk = (input: object) =>
      cloud.ok(root, "admin.user.bulk", { userIds: [ada.userId], action: "logout", ...input });
    await bulk({ action: "grant", amount: 7, reason: "for the project" });
    await bulk({ action: "setClass", className: "10 B" });
    await bulk({ action: "logout" });
    await bulk({ action: "deactivate" });
    await bulk({ action: "activate" });
    await bulk({ action: "stopVms" });
    expect(await userOf(ada.userId)).toMatchObject({ balance: 107_000, className: "10 B", active: true });
    expect(cloud.vms.acted).toEqual([{ vmId: vm, action: "stop" }]);
    expect(cloud.accounts.ended).toEqual([ada.userId, ada.userId]);
    await bulk({ action: "setClass", className: null });
    expect(await userOf(ada.userId)).toMatchObject({ className: null });
  });

  test("tells which VM would not stop, and stops the others", async () => {
    const ada = cloud.person("ada");
    cloud.vms.busy.add(cloud.vms.add(ada.userId, "stuck"));
    const free = cloud.vms.add(ada.userId, "free");
    const { results } = await cloud.ok(root, "admin.user.bulk", { userIds: [ada.userId], action: "stopVms" });
    expect(results).toMatchObject([{ error: { code: "conflict", message: "stuck: It is busy" } }]);
    expect(cloud.vms.acted).toEqual([{ vmId: free, action: "stop" }]);
  });

  test.each([
    { action: "grant", reason: "why not" },
    { action: "grant", amount: 5 },
    { action: "setClass" },
    { action: "shout" },
  ])("without what it needs is refused whole: %p", async (input) => {
    const { userId } = cloud.person("ada");
    expect(await cloud.refused(root, "admin.user.bulk", { userIds: [userId], ...input })).toMatchObject({
      code: "invalid_input",
    });
  });
});
