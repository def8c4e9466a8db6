/** Bad input to what changes a VM of a real server: other people's VMs, fields nobody may set, and requests sent twice. */
import { Database } from "bun:sqlite";
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { waitFor } from "../../helpers/wait-for.ts";
import { makeHome, ServerProcess } from "./server-process.ts";
import { Client } from "./two-faces.ts";

setDefaultTimeout(60_000);
const good = { image: "lab", ramMb: 512, cpuCores: 1, diskGb: 10 };

describe("a VM of a real server", () => {
  const home = makeHome();
  let server: ServerProcess;
  let ada: Client;
  let eve: Client;
  let vmId: number;

  beforeAll(async () => {
    server = await ServerProcess.start({ TWARGA_HOME: home.dir, TWARGA_LOG_LEVEL: "silent" });
    ada = await Client.register(server, "ada");
    eve = await Client.register(server, "eve");
    const created = await ada.rest("POST", "/api/vms", JSON.stringify({ ...good, name: "web01" }));
    vmId = (created.output as { vm: { id: number } }).vm.id;
    await waitFor("the VM to run", async () => (await vmOf()).state === "running", { timeoutMs: 30_000 });
  });
  afterAll(async () => {
    ada.socket.close();
    eve.socket.close();
    await server.end();
    home[Symbol.dispose]();
  });

  async function vmOf() {
    const { output } = await ada.rest("GET", `/api/vms/${vmId}`);
    return (output as { vm: { state: string; name: string; label: string; snapshots: unknown[] } }).vm;
  }

  function rows() {
    const db = new Database(join(home.dir, "db", "twarga.sqlite"), { readonly: true });
    const found = ["vms", "jobs", "snapshots"].map((table) => db.query(`select * from ${table}`).all());
    db.close();
    return found;
  }

  const foreign: [string, string, string, object][] = [
    ["vm.update", "PATCH", "", { label: "mine now" }],
    ["vm.resize", "POST", "/resize", { ramMb: 1024 }],
    ["vm.rebuild", "POST", "/rebuild", {}],
    ["vm.clone", "POST", "/clone", { name: "copy01" }],
    ["vm.extendLease", "POST", "/lease", { hours: 1 }],
    ["vm.startup", "GET", "/startup", {}],
    ["snapshot.list", "GET", "/snapshots", {}],
    ["snapshot.create", "POST", "/snapshots", { name: "s" }],
    ["snapshot.restore", "POST", "/snapshots/1/restore", { snapshotId: 1 }],
    ["snapshot.delete", "DELETE", "/snapshots/1", { snapshotId: 1 }],
  ];
  test.each(foreign)(
    "%s of somebody else's answers as for one that does not exist",
    async (name, ...rest) => {
      const [method, path, input] = rest;
      const before = rows();
      const { snapshotId: _, ...fields } = { snapshotId: 0, ...input };
      const body = method === "GET" || method === "DELETE" ? undefined : JSON.stringify(fields);
      const byRest = (id: number) => eve.rest(method, `/api/vms/${id}${path}`, body);
      const bySocket = async (id: number) => (await eve.command(name, { vmId: id, ...input })).error;
      expect(await bySocket(vmId)).toEqual({ code: "not_found", message: "No such VM" });
      expect(await bySocket(vmId)).toEqual(await bySocket(999));
      expect(await byRest(vmId)).toMatchObject({ status: 404, error: { message: "No such VM" } });
      expect(await byRest(vmId)).toEqual(await byRest(999));
      expect(rows()).toEqual(before);
    },
  );

  test.each(["ownerId", "id", "state", "role", "credits", "ramMb", "name", "image", "driver"])(
    "a change does not take the field %s along",
    async (field) => {
      const before = rows();
      const change = { label: "changed", [field]: 1 };
      const byRest = await ada.rest("PATCH", `/api/vms/${vmId}`, JSON.stringify(change));
      const bySocket = await ada.command("vm.update", { vmId, ...change });
      expect([byRest.status, byRest.error]).toEqual([400, bySocket.error]);
      expect(bySocket.error).toMatchObject({ code: "invalid_input", field });
      expect(rows()).toEqual(before);
    },
  );

  test.each([
    ["vm.resize", { diskGb: 9 }, "diskGb"],
    ["vm.resize", { diskGb: 51 }, "diskGb"],
    ["vm.resize", { ramMb: "1024" }, "ramMb"],
    ["vm.resize", { cpuCores: 0 }, "cpuCores"],
    ["vm.rebuild", { image: "../lab" }, "image"],
    ["vm.rebuild", { image: "no-such-image" }, "image"],
    ["vm.clone", { name: "../x" }, "name"],
    ["vm.clone", { name: "copy01", snapshotId: "1 OR 1=1" }, "snapshotId"],
    ["vm.extendLease", { hours: 0 }, "hours"],
    ["vm.extendLease", { hours: 1e9 }, "hours"],
    ["snapshot.create", { name: "" }, "name"],
    ["snapshot.create", { name: "a\u001b[2J" }, "name"],
    ["snapshot.restore", { snapshotId: -1 }, "snapshotId"],
    ["vm.update", { tags: ["../x"] }, "tags.0"],
    [
      "vm.update",
      { schedule: { stopAt: "24:00", startAt: null, days: [1], timeZone: "UTC" } },
      "schedule.stopAt",
    ],
    [
      "vm.update",
      { schedule: { stopAt: "18:00", startAt: null, days: [8], timeZone: "UTC" } },
      "schedule.days.0",
    ],
    [
      "vm.update",
      { schedule: { stopAt: "18:00", startAt: null, days: [1], timeZone: "../etc" } },
      "schedule.timeZone",
    ],
  ])("%s with %p is refused by the field %s", async (name, input, field) => {
    const before = rows();
    expect((await ada.command(name, { vmId, ...input })).error).toMatchObject({
      code: "invalid_input",
      field,
    });
    expect(rows()).toEqual(before);
  });

  test.each([
    ["", "publicKey"],
    ["ssh-ed25519 AAAA", "publicKey"],
    [
      'command="id" ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAHMpepQgpBYm1ILeuBIL5Ct4IC31yEiomQ0BzbIJ2CG',
      "publicKey",
    ],
    [
      "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAHMpepQgpBYm1ILeuBIL5Ct4IC31yEiomQ0BzbIJ2CG a\nssh-rsa AAAA",
      "publicKey",
    ],
    ["-----BEGIN OPENSSH PRIVATE KEY-----", "publicKey"],
  ])("the SSH key %p is none", async (publicKey, field) => {
    expect((await ada.command("sshkey.add", { name: "k", publicKey })).error).toMatchObject({
      code: "invalid_input",
      field,
    });
  });

  test("fifty creates with one Idempotency-Key at once make one VM", async () => {
    const body = JSON.stringify({ ...good, name: "once01" });
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => ada.rest("POST", "/api/vms", body, "the-same-key")),
    );
    const made = answers.filter(({ ok }) => ok).map(({ output }) => (output as { jobId: number }).jobId);
    expect(made.length).toBeGreaterThan(0);
    expect(new Set(made).size).toBe(1);
    for (const answer of answers) if (!answer.ok) expect([409, 429]).toContain(answer.status);
    const other = JSON.stringify({ ...good, name: "once02" });
    expect((await ada.rest("POST", "/api/vms", other, "the-same-key")).status).toBe(422);
    const names = rows()[0]?.map((row) => (row as { name: string }).name);
    expect(names?.filter((name) => name.startsWith("once"))).toEqual(["once01"]);
  });

  test("only administrators list, stop and clear up for everybody", async () => {
    for (const [name, input] of [
      ["admin.vm.list", {}],
      ["admin.stopAll", { confirm: "stop everything" }],
      ["admin.orphan.list", {}],
      ["admin.orphan.remove", { vmId, name: "web01" }],
    ] as const)
      expect([name, (await eve.command(name, input)).error?.code]).toEqual([name, "forbidden"]);
    expect((await vmOf()).state).toBe("running");
  });
});
