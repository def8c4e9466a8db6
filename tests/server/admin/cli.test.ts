/** `twarga admin` against a real server: a class from a file, and what a script may rely on. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { CliUser } from "../../helpers/run-cli.ts";
import { ADMIN_PASSWORD, type TestServer } from "../../helpers/start-server.ts";
import { liveServer, PASSWORD } from "./live-server.ts";

setDefaultTimeout(120_000);

let server: TestServer;
let root: CliUser;
beforeAll(async () => {
  server = await liveServer();
  root = new CliUser(server.url);
  expect(await root.run(["login", "admin", "--password-stdin"], ADMIN_PASSWORD)).toMatchObject({
    exitCode: 0,
  });
});
afterAll(async () => {
  root?.dispose();
  await server?.dispose();
});

const admin = (...args: string[]) => root.run(["admin", ...args]);

test("a roster is shown first, then made; its passwords work and must be changed", async () => {
  writeFileSync(join(root.home, "class.csv"), "username;class;credits\r\nada;10 B;250\r\nx;10 B;\r\n");
  const dry = await admin("roster", "import", "class.csv");
  expect(dry).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining("Would be: 1 created, 1 refused"),
  });
  expect(await root.json("admin", "users")).toMatchObject({ total: 1 });

  const done = await admin("roster", "import", "class.csv", "--apply");
  expect(done).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("1 of 2 rows are refused") });
  const password = /created\s+([a-z2-9-]{19})/.exec(done.stdout)?.[1] ?? "";
  expect(await admin("user", "show", "ada")).toMatchObject({
    exitCode: 0,
    stdout: expect.stringContaining("10 B"),
  });

  const ada = new CliUser(server.url);
  expect(await ada.run(["login", "ada", "--password-stdin"], password)).toMatchObject({ exitCode: 0 });
  expect(await ada.run(["vm", "list"])).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining("password_change_required"),
  });
  ada.dispose();
});

test("files of spreadsheets are read in their encodings", async () => {
  const csv = "username,class\nzoe,Größe 1\n";
  const latin = Buffer.from(csv, "latin1");
  const utf16 = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(csv.replace("zoe", "zac"), "utf16le")]);
  for (const [name, bytes] of [
    ["latin.csv", latin],
    ["utf16.csv", utf16],
  ] as const) {
    writeFileSync(join(root.home, name), bytes);
    expect(await admin("roster", "import", name, "--apply")).toMatchObject({ exitCode: 0 });
  }
  expect(await root.json("admin", "classes")).toMatchObject({
    classes: [{ name: "10 B" }, { name: "Größe 1", users: 2 }],
  });
});

test("an account is made, changed, given credits and deleted by its name", async () => {
  const made = await root.run(
    ["admin", "user", "create", "bob", "--expires", "2030-07-31", "--password-stdin"],
    PASSWORD,
  );
  expect(made).toMatchObject({ exitCode: 0, stdout: expect.not.stringContaining("One-time") });
  await root.json("admin", "user", "update", "bob", "--expires", "none", "--class", "11 A", "--vms", "7");
  expect(await root.json("admin", "user", "show", "bob")).toMatchObject({
    user: { expiresAtMs: null, className: "11 A" },
    quota: { limits: { vms: 7 }, own: ["vms"] },
  });
  expect(await root.json("admin", "user", "credits", "bob", "25", "--reason", "for the exam")).toEqual({
    balance: 125_000,
  });
  expect(await root.json("admin", "user", "credits", "bob", "5", "--take", "--reason", "a mistake")).toEqual({
    balance: 120_000,
  });
  expect(await admin("user", "delete", "bob")).toMatchObject({ exitCode: 2 });
  expect(await admin("user", "delete", "bob", "--yes")).toMatchObject({ exitCode: 0 });
  expect(await admin("user", "show", "bob")).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining("not_found"),
  });
});

test("settings, invitations and statistics are shown and changed", async () => {
  expect(
    await admin("settings", "--registration", "invitation", "--lease-hours", "72", "--vms", "2"),
  ).toMatchObject({
    exitCode: 0,
    stdout: expect.stringMatching(/invitation[\s\S]*72 hours[\s\S]*2 VMs/),
  });
  expect(await root.json("admin", "settings", "--lease-hours", "none")).toMatchObject({
    settings: { leaseHours: null, quota: { vms: 2 } },
  });
  const { stdout: link } = await admin("invite", "--class", "10 B");
  expect(link).toStartWith(`${server.url}/register?invitation=`);
  expect(await root.json("admin", "invitations", "--revoke", "1")).toEqual({ invitations: [] });
  expect(await admin("stats")).toMatchObject({
    exitCode: 0,
    stdout: expect.stringContaining("1 administrators"),
  });
});

test("events come as a table, newest first, by type and by a VM that is gone", async () => {
  expect(await root.run(["events", "--type", "admin", "--limit", "5"])).toMatchObject({
    exitCode: 0,
    stdout: expect.stringMatching(/TIME +TYPE +SEVERITY +EVENT +MESSAGE\n.* admin +/),
  });
  expect(await root.run(["events", "--vm", "999"])).toMatchObject({
    ...{ exitCode: 0, stdout: "Nothing found\n" },
  });
  expect(await root.run(["events", "--type", "weather"])).toMatchObject({ exitCode: 2 });
});

test("the audit log comes as a table and as CSV", async () => {
  expect(await admin("audit", "--action", "admin.user.credits")).toMatchObject({
    stdout: expect.stringContaining("for the exam"),
  });
  const { stdout } = await admin("audit", "--csv");
  expect(stdout.split("\r\n")[0]).toBe("id,time,actor,action,target,target_id,outcome,address,input");
  expect(stdout).not.toContain(PASSWORD);
});
