/** Bad input to the real server, by REST and by the socket: the same refusal on both, and nothing written. */
import { Database } from "bun:sqlite";
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { waitFor } from "../../helpers/wait-for.ts";
import { makeHome, ServerProcess } from "./server-process.ts";
import { Client } from "./two-faces.ts";

setDefaultTimeout(60_000);
const good = { name: "web01", image: "lab", ramMb: 512, cpuCores: 1, diskGb: 10 };

describe("bad input to the real server", () => {
  const home = makeHome();
  let server: ServerProcess;
  let ada: Client;
  let eve: Client;
  /** A running VM of ada. */
  let vmId: number;

  beforeAll(async () => {
    server = await ServerProcess.start({ TWARGA_HOME: home.dir, TWARGA_LOG_LEVEL: "silent" });
    ada = await Client.register(server, "ada");
    eve = await Client.register(server, "eve");
    const created = await ada.rest("POST", "/api/vms", JSON.stringify(good));
    vmId = (created.output as { vm: { id: number } }).vm.id;
    await waitFor("the VM to run", async () => (await stateOf()) === "running", { timeoutMs: 30_000 });
  });
  afterAll(async () => {
    ada.socket.close();
    eve.socket.close();
    await server.end();
    home[Symbol.dispose]();
  });

  async function stateOf(): Promise<string> {
    const { output } = await ada.rest("GET", `/api/vms/${vmId}`);
    return (output as { vm: { state: string } }).vm.state;
  }

  /** Everything that a refused command must leave as it is. */
  function written() {
    const db = new Database(join(home.dir, "db", "twarga.sqlite"), { readonly: true });
    const count = (table: string) => db.query(`select count(*) as n from ${table}`).get();
    const rows = ["vms", "jobs", "users"].map(count);
    db.close();
    return { rows, vms: readdirSync(join(home.dir, "vms")).sort(), home: readdirSync(home.dir).sort() };
  }

  /** Refused alike on both faces, and nothing written. */
  async function refusedOnBoth(name: string, input: object, method: string, path: string, body: object) {
    const before = written();
    const bySocket = await ada.command(name, input);
    const byRest = await ada.rest(method, path, JSON.stringify(body));
    expect([byRest.ok, byRest.error]).toEqual([false, bySocket.error]);
    expect(written()).toEqual(before);
    return { ...bySocket.error, status: byRest.status };
  }

  const names = [
    ...["", "a".repeat(64), "-a", "a-", "A_b", "a b", "é", "\u{1f600}", "a..b", "1web"],
    ...["../x", "..%2f", "/etc", "a\n", ".vagrant", "web\u0000", "web01/../../x"],
    ...["a#{`id`}", 'a#{File.write("x","y")}', '";system("id");"', "'+", "<%=", "$(id)", "`id`", "a;reboot"],
  ];
  test.each(names)("a VM is not named %j", async (name) => {
    const error = await refusedOnBoth("vm.create", { ...good, name }, "POST", "/api/vms", { ...good, name });
    expect(error).toMatchObject({ status: 400, code: "invalid_input", field: "name" });
  });

  const sizes: [string, unknown][] = [
    ...["512; reboot", 511, 4097, 600, "512", -512, 512.5, null, [512], true].map(
      (value): [string, unknown] => ["ramMb", value],
    ),
    ...[0, 5, "1", 1.5].map((value): [string, unknown] => ["cpuCores", value]),
    ...[9, 51, "10", -10].map((value): [string, unknown] => ["diskGb", value]),
    ...["debian/../x", "http://evil.example/x.box", "file:///etc/passwd", "no-such-image", "", 5].map(
      (value): [string, unknown] => ["image", value],
    ),
    ...["synced_folder", "provision", "qemuargs", "bridge", "ownerId", "id", "role", "driver", "state"].map(
      (field): [string, unknown] => [field, "x"],
    ),
  ];
  test.each(sizes)("a VM is not made with %s %p", async (field, value) => {
    const spec = { ...good, name: "web02", [field]: value };
    const error = await refusedOnBoth("vm.create", spec, "POST", "/api/vms", spec);
    expect(error).toMatchObject({ status: 400, code: "invalid_input", field });
  });

  test("numbers that JSON can write but nobody can hold are refused", async () => {
    const before = written();
    for (const number of ["1e309", "-1e309", "9007199254740993", "512e-1000"]) {
      const body = JSON.stringify({ ...good, name: "web02" }).replace('"ramMb":512', `"ramMb":${number}`);
      expect([number, (await ada.rest("POST", "/api/vms", body)).error?.field]).toEqual([number, "ramMb"]);
    }
    expect(written()).toEqual(before);
  });

  test.each(["vm.get", "vm.start", "vm.stop", "vm.restart", "vm.destroy", "metrics.vm", "terminal.open"])(
    "%s of somebody else's VM answers as for one that does not exist",
    async (name) => {
      const before = written();
      const rest = async (id: number) => {
        const action = name.split(".")[1];
        if (name === "terminal.open") return null;
        if (name === "vm.get") return eve.rest("GET", `/api/vms/${id}`);
        if (name === "metrics.vm") return eve.rest("GET", `/api/metrics/vm/${id}`);
        return eve.rest("POST", `/api/vms/${id}/action`, JSON.stringify({ action }));
      };
      const extra = name === "terminal.open" ? { cols: 80, rows: 24 } : {};
      const socket = async (id: number) => (await eve.command(name, { vmId: id, ...extra })).error;
      expect(await socket(vmId)).toEqual({ code: "not_found", message: "No such VM" });
      expect(await socket(999)).toEqual({ code: "not_found", message: "No such VM" });
      expect(await rest(vmId)).toEqual(await rest(999));
      expect(written()).toEqual(before);
      expect(await stateOf()).toBe("running");
    },
  );

  test("jobs of somebody else answer as ones that do not exist", async () => {
    const [{ id: jobId }] = ((await ada.command("job.list", {})).output as { jobs: [{ id: number }] }).jobs;
    for (const name of ["job.get", "job.cancel"]) {
      const foreign = await eve.command(name, { jobId });
      expect(foreign.error).toEqual({ code: "not_found", message: "No such job" });
      expect((await eve.command(name, { jobId: 999 })).error).toEqual(foreign.error);
    }
    expect(await eve.rest("GET", `/api/jobs/${jobId}`)).toEqual(await eve.rest("GET", "/api/jobs/999"));
    const cancel = (id: number) => eve.rest("POST", `/api/jobs/${id}/cancel`, "{}");
    expect(await cancel(jobId)).toEqual(await cancel(999));
    expect(((await eve.command("job.list", { vmId })).output as { jobs: unknown[] }).jobs).toEqual([]);
  });

  const ids: [unknown][] = [
    ...[["1 OR 1=1"], ["0x10"], ["1e3"], ["9007199254740993"], ["../1"], ["\u0000"]],
    ...[[-1], [0], [2 ** 53], [1.5], [null], [[1]], [{}]],
  ].map(([id]): [unknown] => [id]);
  test.each(ids)("the id %p names nothing", async (id) => {
    const before = written();
    expect((await ada.command("vm.destroy", { vmId: id })).error).toMatchObject({
      code: "invalid_input",
      field: "vmId",
    });
    const path = `/api/vms/${encodeURIComponent(typeof id === "string" ? id : JSON.stringify(id))}/action`;
    expect([400, 404]).toContain((await ada.rest("POST", path, '{"action":"destroy"}')).status);
    expect(written()).toEqual(before);
  });

  test("prototypes, doubled members and deep nesting are refused on both faces", async () => {
    const before = written();
    const spec = JSON.stringify({ ...good, name: "web02" }).slice(1);
    const bad = [
      `{"__proto__":{"x":1},${spec}`,
      `{"constructor":{"prototype":{}},${spec}`,
      `{"name":"web03",${spec}`,
    ];
    const other = await Client.register(server, `mallory${before.rows.length}`);
    let closeCode = 0;
    other.socket.addEventListener("close", ({ code }) => (closeCode = code));
    for (const [n, body] of bad.entries()) {
      expect([body, (await ada.rest("POST", "/api/vms", body)).status]).toEqual([body, 400]);
      other.socket.send(`{"t":"command","id":${n + 1},"name":"vm.create","input":${body}}`);
    }
    await waitFor("three strikes", () => closeCode === 1008);
    expect((await ada.rest("POST", "/api/vms", "[".repeat(60_000))).status).toBe(400);
    const { rows, ...places } = written();
    expect([rows.slice(0, 2), places]).toEqual([
      before.rows.slice(0, 2),
      { vms: before.vms, home: before.home },
    ]);
  });

  test("lists take limits and filters from a list of allowed ones", async () => {
    for (const query of [
      "limit=0",
      "limit=-1",
      "limit=1e9",
      "limit=NaN",
      "limit=201",
      "limit=1&limit=9",
      "state=all",
      "sort=name%3Bdrop",
      "limit[]=1",
    ])
      expect([query, (await ada.rest("GET", `/api/jobs?${query}`)).status]).toEqual([query, 400]);
    for (const input of [
      { limit: 0 },
      { limit: -1 },
      { limit: 1e9 },
      { limit: null },
      { state: "all" },
      { sort: "name;drop" },
    ])
      expect([input, (await ada.command("job.list", input)).error?.code]).toEqual([input, "invalid_input"]);
  });

  test("a name is given out once, also to two that come at the same moment, and each user has their own", async () => {
    const twin = { ...good, name: "twin01" };
    const answers = await Promise.all([
      ...[1, 2, 3].map(() => ada.rest("POST", "/api/vms", JSON.stringify(twin))),
      ...[1, 2, 3].map(() => ada.command("vm.create", twin)),
    ]);
    expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
    expect(answers.filter(({ error }) => error?.code === "conflict")).toHaveLength(5);
    expect((await eve.command("vm.create", twin)).ok).toBe(true);
    await waitFor("two folders", () => written().vms.filter((name) => name.endsWith("-twin01")).length === 2);
  });

  test("a VM that is being destroyed takes no other action, and is destroyed once", async () => {
    const { output } = await ada.command("vm.create", { ...good, name: "doomed01" });
    const { id } = (output as { vm: { id: number } }).vm;
    const first = await ada.command("vm.destroy", { vmId: id });
    expect(first.ok).toBe(true);
    const start = await ada.command("vm.start", { vmId: id });
    const again = await ada.rest("POST", `/api/vms/${id}/action`, '{"action":"destroy"}');
    const terminal = await ada.command("terminal.open", { vmId: id, cols: 80, rows: 24 });
    for (const { ok, error } of [start, terminal])
      expect([ok, ["conflict", "not_found"].includes(error?.code ?? "")]).toEqual([false, true]);
    // The same destroy, or none where it was quick.
    expect([202, 404]).toContain(again.status);
    if (again.ok) expect(again.output).toMatchObject({ jobId: (first.output as { jobId: number }).jobId });
    await waitFor("its end", () => !written().vms.some((name) => name.endsWith("-doomed01")), {
      timeoutMs: 30_000,
    });
  });

  test("a terminal of an impossible size is refused and the shell goes on", async () => {
    const opened = await ada.command("terminal.open", { vmId, cols: 80, rows: 24 });
    const { terminalId } = opened.output as { terminalId: number };
    for (const [cols, rows] of [
      [0, 0],
      [-1, 24],
      [1e9, 24],
      [65_536, 24],
      [80, 1e9],
      [80.5, 24],
      ["80", 24],
    ])
      expect((await ada.command("terminal.resize", { terminalId, cols, rows })).error?.code).toBe(
        "invalid_input",
      );
    expect((await eve.command("terminal.resize", { terminalId, cols: 90, rows: 20 })).error?.code).toBe(
      "not_found",
    );
    expect(await ada.command("terminal.resize", { terminalId, cols: 90, rows: 20 })).toMatchObject({
      output: { cols: 90, rows: 20 },
    });
    expect((await ada.command("terminal.close", { terminalId })).ok).toBe(true);
  });

  test("nothing was made outside of the home", () => {
    const siblings = readdirSync(dirname(home.dir)).filter((name) => /^(x|etc|web0\d|evil)$/.test(name));
    expect(siblings).toEqual([]);
    expect(readdirSync(home.dir).sort()).toEqual(["db", "logs", "vms"]);
  });
});
