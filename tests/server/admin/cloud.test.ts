/** The cloud in numbers, classes and invitations. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { vmId } from "#protocol";
import { usedBy } from "../../../server/features/admin/statistics.ts";
import { type AdminCloud, openAdminCloud } from "./admin-cloud.ts";

let cloud: AdminCloud;
beforeEach(() => void (cloud = openAdminCloud()));
afterEach(() => cloud.close());

describe("statistics", () => {
  test("count users, VMs, credits and jobs as they are", async () => {
    const [ada, bob] = [cloud.person("ada"), cloud.person("bob", "admin")];
    await cloud.ok(cloud.root, "admin.user.update", { userId: ada.userId, active: false });
    cloud.person("gone");
    cloud.accounts.remove(cloud.idOf("gone"));
    cloud.vms.add(ada.userId, "one");
    cloud.vms.add(bob.userId, "two", "stopped");
    cloud.vms.end(cloud.vms.add(bob.userId, "old"), "gone");
    await cloud.ok(cloud.root, "admin.user.credits", { userId: bob.userId, amount: 20, reason: "more work" });
    await cloud.ok(cloud.root, "admin.user.credits", {
      ...{ userId: bob.userId, amount: 50, action: "deduct", reason: "less work" },
    });
    const nowMs = cloud.clock.now();
    const yesterdayMs = nowMs - 26 * 3_600_000;
    for (const [state, endedAtMs] of [
      ["running", null],
      ["queued", null],
      ["failed", nowMs],
      ["failed", yesterdayMs],
      ["succeeded", nowMs],
    ] as const)
      cloud.db.sqlite.run(
        `insert into jobs (kind, state, owner_id, vm_name, created_at_ms, ended_at_ms) values ('vm.start', ?, 1, 'x', 1, ?)`,
        [state, endedAtMs],
      );
    const { statistics } = await cloud.ok(cloud.root, "admin.statistics", {});
    expect(statistics).toMatchObject({
      users: { total: 3, active: 2, admins: 2, online: 0 },
      vms: { total: 2, byState: { running: 1, stopped: 1 } },
      allocated: { cpuCores: 2, ramMb: 1_024, diskGb: 20 },
      // Four accounts of 100, one of them removed since; 20 given and 50 taken.
      credits: { issued: 370_000, burnt: 0, outstanding: 370_000 },
      jobs: { active: 2, failedToday: 1 },
    });
  });

  test("weigh the processor's use of each VM by its cores", () => {
    const sample = (id: number, cpuPercent: number) => ({
      ...{ vmId: vmId.parse(id), atMs: 1, cpuPercent, memoryTotalBytes: 8, memoryUsedBytes: 3 },
      ...{ diskTotalBytes: 9, diskUsedBytes: 4, diskReadBytesPerS: 0, diskWriteBytesPerS: 0 },
      ...{ networkRxBytesPerS: 0, networkTxBytesPerS: 0, uptimeSeconds: 1 },
    });
    const existing = [1, 3].map((cpuCores, n) => ({ id: vmId.parse(n + 1), cpuCores }));
    expect(usedBy([sample(1, 100), sample(2, 20)], existing)).toEqual({
      cpuPercent: 40,
      memoryBytes: 6,
      diskBytes: 8,
    });
    expect(usedBy([], existing)).toEqual({ cpuPercent: 0, memoryBytes: 0, diskBytes: 0 });
  });
});

test("classes count their users and VMs, each once", async () => {
  const [ada, bob] = [cloud.person("ada"), cloud.person("bob")];
  cloud.person("loner");
  for (const { userId } of [ada, bob])
    await cloud.ok(cloud.root, "admin.user.update", { userId, className: "10 B" });
  await cloud.ok(cloud.root, "admin.user.update", { userId: bob.userId, active: false });
  for (const name of ["one", "two"]) cloud.vms.add(ada.userId, name);
  cloud.vms.add(bob.userId, "three", "stopped");
  expect(await cloud.ok(cloud.root, "admin.class.list", {})).toEqual({
    classes: [{ name: "10 B", users: 2, active: 1, vms: 3, running: 2 }],
  });
});

describe("an invitation", () => {
  const list = async () => (await cloud.ok(cloud.root, "admin.invitation.list", {})).invitations;
  const create = async (input: object) =>
    (await cloud.ok(cloud.root, "admin.invitation.create", input)).invitation;
  const codeOf = ({ path }: { path: string }) =>
    new URL(path, "http://x").searchParams.get("invitation") ?? "";
  const consume = (code: string) => cloud.invitations.consume(code, cloud.clock.now());

  test("works as often as it says, gives the class, and is then no more", async () => {
    const invitation = await create({ uses: 2, className: "10 B" });
    expect(invitation).toMatchObject({ usesLeft: 2, className: "10 B", createdByName: "root" });
    expect(codeOf(invitation)).toMatch(/^[\w-]{24}$/);
    expect(await list()).toEqual([invitation]);
    expect(consume(codeOf(invitation))).toEqual({ className: "10 B" });
    expect(await list()).toMatchObject([{ usesLeft: 1 }]);
    expect(consume(codeOf(invitation))).toEqual({ className: "10 B" });
    expect(consume(codeOf(invitation))).toBeNull();
    expect(await list()).toEqual([]);
  });

  test("gives its use back when the registration is rolled back", async () => {
    const invitation = await create({});
    expect(() =>
      cloud.db.tx(() => {
        consume(codeOf(invitation));
        throw new Error("the name is taken");
      }),
    ).toThrow();
    expect(consume(codeOf(invitation))).toEqual({ className: null });
  });

  test("ends by time and by revocation, and others are not touched", async () => {
    const [short, long] = [await create({ validHours: 1 }), await create({ validHours: 2 })];
    expect(short.path).not.toBe(long.path);
    cloud.clock.advance(3_600_000);
    expect(consume(codeOf(short))).toBeNull();
    await cloud.ok(cloud.root, "admin.invitation.revoke", { invitationId: long.id });
    expect(consume(codeOf(long))).toBeNull();
    for (const { id } of [short, long])
      expect(await cloud.refused(cloud.root, "admin.invitation.revoke", { invitationId: id })).toMatchObject({
        code: "not_found",
      });
    expect(consume("")).toBeNull();
  });
});
