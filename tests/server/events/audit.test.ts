/** The audit log: what is kept of whom, what is blanked, and how it leaves as CSV. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import fc from "fast-check";
import Papa from "papaparse";
import type { AuditEntry } from "#protocol";
import type { Session } from "../../../server/core/caller.ts";
import { auditInput } from "../../../server/features/events/audit-input.ts";
import { type AdminCloud, openAdminCloud } from "../admin/admin-cloud.ts";

let cloud: AdminCloud;
let root: Session;
let ada: Session;
beforeEach(() => {
  cloud = openAdminCloud();
  root = cloud.root;
  ada = cloud.person("ada");
});
afterEach(() => cloud.close());

const entries = async (input: object = {}): Promise<AuditEntry[]> =>
  (await cloud.ok(root, "audit.list", input)).entries;

/** What the gateway tells the sink of a command that this test does not run. */
function deed(by: Session, action: "vm.start" | "snapshot.delete" | "job.cancel" | "vm.bulk", input: object) {
  const actor = { id: by.userId, name: by.username, role: by.role };
  cloud.events.audit.begin({ actor, action, input, remoteAddress: "10.0.0.9" })?.("ok");
}

describe("the audit log", () => {
  test("keeps every write of an administrator with actor, target, input and outcome", async () => {
    await cloud.ok(root, "admin.user.update", { userId: ada.userId, className: "10 B" });
    expect(await entries()).toMatchObject([
      {
        ...{ actorId: root.userId, actorName: "root", action: "admin.user.update", targetId: ada.userId },
        ...{ targetName: "ada", outcome: "ok", remoteAddress: "10.0.0.9" },
        input: JSON.stringify({ userId: ada.userId, className: "10 B" }),
      },
    ]);
  });

  test("keeps refused writes too, whatever the reason", async () => {
    await cloud.refused(root, "admin.user.update", { userId: root.userId, active: false });
    await cloud.refused(root, "admin.user.update", { userId: 999, active: false });
    await cloud.refused(root, "admin.user.update", { nonsense: [[[[[[[[1]]]]]]]] });
    expect((await entries()).map(({ outcome }) => outcome)).toEqual([
      "invalid_input",
      "not_found",
      "conflict",
    ]);
  });

  test("keeps no reads of administrators", async () => {
    await cloud.ok(root, "admin.user.list", {});
    await cloud.ok(root, "admin.statistics", {});
    expect(await entries()).toEqual([]);
  });

  test("keeps what administrators do to VMs, snapshots and jobs of others, and not to their own", async () => {
    const [theirs, own] = [cloud.vms.add(ada.userId, "web01"), cloud.vms.add(root.userId, "mine")];
    cloud.db.sqlite.run(
      `insert into jobs (id, kind, state, owner_id, vm_name, created_at_ms) values (7, 'vm.start', 'running', ?, 'web01', 1)`,
      [ada.userId],
    );
    deed(root, "vm.start", { vmId: theirs });
    deed(root, "snapshot.delete", { vmId: theirs, snapshotId: 3 });
    deed(root, "job.cancel", { jobId: 7 });
    deed(root, "vm.bulk", { vmIds: [own, theirs], action: "stop" });
    deed(root, "vm.start", { vmId: own });
    deed(root, "vm.bulk", { vmIds: [own], action: "stop" });
    deed(root, "vm.start", { vmId: 999 });
    expect((await entries()).map(({ action, targetName }) => [action, targetName])).toEqual([
      ["vm.bulk", null],
      ["job.cancel", "web01"],
      ["snapshot.delete", "web01"],
      ["vm.start", "web01"],
    ]);
  });

  test("names its target as it was before the deed", async () => {
    await cloud.ok(root, "admin.user.delete", { userId: ada.userId, vms: "destroy" });
    expect(await entries()).toMatchObject([{ action: "admin.user.delete", targetName: "ada" }]);
  });

  test("notes users at the doors of administrators once a minute, as an event and an entry", async () => {
    for (let n = 0; n < 5; n += 1) {
      await cloud.refused(ada, "admin.user.delete", { userId: root.userId, vms: "destroy" });
      await cloud.refused(ada, "admin.user.list", {});
    }
    expect(await entries()).toMatchObject([
      { actorName: "ada", action: "admin.user.delete", outcome: "forbidden" },
    ]);
    const { events } = await cloud.ok(root, "event.list", { type: "security" });
    expect(events.map(({ name, message, ownerId }) => [name, message, ownerId])).toEqual([
      ["admin.refused", "ada tried admin.user.list, which only administrators may do", null],
      ["admin.refused", "ada tried admin.user.delete, which only administrators may do", null],
    ]);
    cloud.clock.advance(60_000);
    await cloud.refused(ada, "admin.user.list", {});
    expect((await cloud.ok(root, "event.list", { type: "security" })).events).toHaveLength(3);
  });

  test("that cannot be written keeps no command from its answer", async () => {
    cloud.db.sqlite.run("drop table audit_log");
    await cloud.ok(root, "admin.user.update", { userId: ada.userId, className: "10 B" });
    expect(await cloud.refused(ada, "admin.user.list", {})).toMatchObject({ code: "forbidden" });
  });

  test("is found by text, actor, action and time, page by page", async () => {
    for (const className of ["a_b", "axb"]) {
      cloud.clock.advance(1_000);
      await cloud.ok(root, "admin.user.update", { userId: ada.userId, className });
    }
    await cloud.ok(root, "admin.user.logout", { userId: ada.userId });
    expect(await entries({ search: "a_b" })).toHaveLength(1);
    expect(await entries({ search: "%" })).toHaveLength(0);
    expect(await entries({ action: "admin.user.logout" })).toHaveLength(1);
    expect(await entries({ actorId: ada.userId })).toHaveLength(0);
    expect(await entries({ fromMs: cloud.clock.now() })).toHaveLength(2);
    const first = await cloud.ok(root, "audit.list", { limit: 2 });
    const second = await cloud.ok(root, "audit.list", { limit: 2, cursor: first.nextCursor ?? "" });
    expect([...first.entries, ...second.entries]).toEqual(await entries());
    expect(second.nextCursor).toBeNull();
  });
});

describe("its inputs", () => {
  test("hold no secret, however deep", () => {
    const secret = "hunter2-hunter2";
    const fields = [
      "password",
      "newPassword",
      "currentPassword",
      "PASSWORD",
      "token",
      "access_token",
      "secret",
      "totpSecret",
      "code",
      "csv",
    ];
    for (const field of fields) {
      const json = auditInput({ username: "ada", [field]: secret, deep: [{ [field]: { any: [secret] } }] });
      expect(json).not.toContain(secret);
      expect(json).toContain('"username":"ada"');
    }
  });

  test("are JSON of bounded length, whatever was sent", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 12 }), (value) => {
        const json = auditInput(value);
        JSON.parse(json);
        return json.length < 20_000;
      }),
    );
    expect(auditInput({ notes: "x".repeat(60_000) }).length).toBeLessThan(600);
    expect(auditInput(undefined)).toBe("null");
    expect(
      JSON.parse(
        auditInput(Object.fromEntries(Array.from({ length: 5_000 }, (_, n) => [`k${n}`, 'é"'.repeat(50)]))),
      ),
    ).toBeString();
  });
});

describe("as CSV", () => {
  test("it opens in a spreadsheet without running anything", async () => {
    const formulas = ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1"];
    for (const name of formulas)
      cloud.db.sqlite.run(
        `insert into audit_log (at_ms, actor_id, actor_name, action, target_name, input, outcome, remote_address)
          values (1, 1, ?, ?, ?, ?, 'ok', '::1')`,
        [name, name, name, name],
      );
    const file = await cloud.ok(root, "audit.export", {});
    expect(file).toMatchObject({ fileName: "audit-2025-10-09.csv", mediaType: "text/csv; charset=utf-8" });
    const { data } = Papa.parse<string[]>(file.text, { skipEmptyLines: true });
    expect(data).toHaveLength(1 + formulas.length);
    for (const row of data.slice(1)) for (const cell of row) expect(cell).not.toMatch(/^[=+\-@\t\r]/);
    expect(data[1]?.[2]).toBe("'\r=1");
  });

  test("it holds every row once, however many, while new ones arrive", async () => {
    cloud.db.sqlite.run(
      `with recursive n(i) as (select 1 union all select i + 1 from n where i < 2500)
        insert into audit_log (at_ms, actor_id, actor_name, action, input, outcome, remote_address)
        select i, 1, 'root', 'admin.user.update', '{}', 'ok', '::1' from n`,
    );
    const exporting = cloud.ok(root, "audit.export", {});
    await cloud.ok(root, "admin.user.logout", { userId: ada.userId });
    const { data } = Papa.parse<Record<string, string>>((await exporting).text, {
      header: true,
      skipEmptyLines: true,
    });
    expect(data.map(({ id }) => Number(id))).toEqual(Array.from({ length: 2_500 }, (_, n) => 2_500 - n));
  });

  test("it holds what the filter asks for, quotes and line ends kept, and is no deed itself", async () => {
    await cloud.ok(root, "admin.user.credits", {
      userId: ada.userId,
      amount: 1,
      reason: 'a "bonus", for ada',
    });
    await cloud.ok(root, "admin.user.logout", { userId: ada.userId });
    const { text } = await cloud.ok(root, "audit.export", { action: "admin.user.credits" });
    const { data } = Papa.parse<Record<string, string>>(text, { header: true, skipEmptyLines: true });
    expect(data).toHaveLength(1);
    expect(JSON.parse(data[0]?.["input"] ?? "")).toMatchObject({ reason: 'a "bonus", for ada' });
    expect(await entries()).toHaveLength(2);
  });
});
