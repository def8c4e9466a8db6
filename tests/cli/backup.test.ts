/** `twarga backup` and `twarga restore` against real servers: taken while writing, proven whole, and never in the place of something unproven. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { Database } from "bun:sqlite";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { waitFor } from "../helpers/wait-for.ts";
import { ADMIN_PASSWORD, projectDir, TestServer } from "../helpers/start-server.ts";

const dir = mkdtempSync(join(tmpdir(), "twarga-backups-"));
const server = new TestServer({ driver: "simulated" });
beforeAll(() => server.start(), 40_000);
afterAll(async () => {
  await server.dispose();
  rmSync(dir, { recursive: true });
});

async function twarga(home: string, ...args: string[]) {
  const child = Bun.spawn([process.execPath, join(projectDir, "server/cli/main.ts"), ...args], {
    cwd: dir,
    env: { PATH: process.env["PATH"], HOME: dir, TWARGA_HOME: home },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [stdout, stderr] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  return { exitCode: await child.exited, stdout, stderr };
}

const loginAnswer = z.object({ access_token: z.string() });

async function post(at: TestServer, path: string, body: object, token?: string): Promise<Response> {
  return fetch(`${at.url}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...(token && { authorization: `Bearer ${token}` }) },
    body: JSON.stringify(body),
  });
}

async function logIn(at: TestServer): Promise<string> {
  const response = await post(at, "/api/auth/login", { username: "admin", password: ADMIN_PASSWORD });
  return loginAnswer.parse(await response.json()).access_token;
}

function rows(home: string, sql: string): number {
  const sqlite = new Database(join(home, "db/twarga.sqlite"), { readonly: true });
  try {
    return z.object({ n: z.int() }).parse(sqlite.query(sql).get()).n;
  } finally {
    sqlite.close();
  }
}

const USERS = "SELECT count(*) AS n FROM users";
/** Adds and removes keys, one after the other, until told to stop. */
function writeOn(token: string) {
  const state = { isOn: true, acknowledged: 0 };
  const work = async () => {
    for (let n = 0; state.isOn; n++) {
      const response = await post(server, "/api/ssh-keys", sshKey(n), token);
      if (response.ok) state.acknowledged += 1;
      else throw new Error(await response.text());
      await fetch(
        `${server.url}/api/ssh-keys/${z.object({ key: z.object({ id: z.int() }) }).parse(await response.json()).key.id}`,
        {
          method: "DELETE",
          headers: { authorization: `Bearer ${token}` },
        },
      );
    }
  };
  return { state, done: work() };
}
function sshKey(n: number) {
  const body = Buffer.concat([
    Buffer.from([0, 0, 0, 11]),
    Buffer.from("ssh-ed25519"),
    Buffer.from([0, 0, 0, 32]),
    Buffer.alloc(32, n),
  ]);
  return { name: `key ${n}`, publicKey: `ssh-ed25519 ${body.toString("base64")}` };
}

describe("a backup while the server writes", () => {
  const file = join(dir, "one.tar");
  let written = { before: 0, total: 0 };

  test("is one file for its owner, and the writes go on meanwhile", async () => {
    const writing = writeOn(await logIn(server));
    await waitFor("some writes", () => writing.state.acknowledged > 3);
    const before = writing.state.acknowledged;
    const { exitCode, stdout, stderr } = await twarga(server.home, "backup", file);
    const during = writing.state.acknowledged - before;
    writing.state.isOn = false;
    await writing.done;
    written = { before, total: writing.state.acknowledged };
    expect(stderr).toBe("");
    expect(exitCode).toBe(0);
    expect(stdout).toContain("Checked: pages, references, credits.");
    expect(during).toBeGreaterThan(0);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(dir).filter((name) => name.startsWith(".twarga-backup"))).toEqual([]);
  }, 60_000);

  test("never takes the place of another file", async () => {
    const { exitCode, stderr } = await twarga(server.home, "backup", file);
    expect(exitCode).toBe(1);
    expect(stderr).toContain("exists already");
  });

  test("restores into another folder, where a server starts on it with every user, credit and secret", async () => {
    const other = new TestServer({ driver: "simulated", env: { TWARGA_ADMIN_PASSWORD: "" } });
    try {
      const restored = await twarga(other.home, "restore", file);
      expect(restored.stderr).toBe("");
      expect(restored.stdout).toContain("Next: npm start");
      const secret = (home: string) => readFileSync(join(home, "db/secrets/jwt-secret"), "utf8");
      expect(secret(other.home)).toBe(secret(server.home));
      expect(rows(other.home, "SELECT count(*) AS n FROM sessions")).toBe(0);
      // Every write that was answered before the backup is in it, and none from after its end.
      const keys = rows(other.home, "SELECT seq AS n FROM sqlite_sequence WHERE name = 'ssh_keys'");
      expect(keys).toBeGreaterThanOrEqual(written.before);
      expect(keys).toBeLessThanOrEqual(written.total + 1);
      await other.start();
      expect(await logIn(other)).toBeString();
      const ledger = "SELECT coalesce(sum(amount), 0) AS n FROM ledger";
      expect(rows(other.home, USERS)).toBe(rows(server.home, USERS));
      expect(rows(other.home, ledger)).toBe(rows(server.home, ledger));
    } finally {
      await other.dispose();
    }
  }, 60_000);
});

describe("a restore is refused, and nothing is changed,", () => {
  const file = join(dir, "two.tar");
  beforeAll(async () => {
    await twarga(server.home, "backup", file);
  }, 30_000);

  async function refusal(home: string, source: string): Promise<string> {
    const { exitCode, stdout, stderr } = await twarga(home, "restore", source);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
    return stderr;
  }

  test("while a server holds the folder", async () => {
    const before = rows(server.home, USERS);
    expect(await refusal(server.home, file)).toContain("stop it, then restore");
    expect(rows(server.home, USERS)).toBe(before);
  });

  test("when a byte of it is another", async () => {
    const home = mkdtempSync(join(dir, "home-"));
    const bytes = readFileSync(file);
    const at = bytes.length - 40_000;
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    writeFileSync(join(dir, "bent.tar"), bytes);
    expect(await refusal(home, join(dir, "bent.tar"))).toContain("is not what was written");
    expect(readdirSync(join(home, "db")).toSorted()).toEqual(["lock.sqlite", "secrets"]);
  });

  test("when it is cut off, no backup, or not there", async () => {
    const home = mkdtempSync(join(dir, "home-"));
    writeFileSync(join(dir, "cut.tar"), readFileSync(file).subarray(0, 20_000));
    expect(await refusal(home, join(dir, "cut.tar"))).toContain("damaged");
    writeFileSync(join(dir, "other.tar"), "hello");
    expect(await refusal(home, join(dir, "other.tar"))).toMatch(/no backup|manifest/);
    expect(await refusal(home, join(dir, "absent.tar"))).toContain("There is no file");
  }, 30_000);
});

test("what was there before is kept aside, whole", async () => {
  const home = mkdtempSync(join(dir, "home-"));
  const file = join(dir, "three.tar");
  await twarga(server.home, "backup", file);
  await twarga(home, "restore", file);
  const sqlite = new Database(join(home, "db/twarga.sqlite"));
  sqlite.run("PRAGMA journal_mode = WAL");
  sqlite.run("CREATE TABLE mark (n integer)");
  sqlite.close();
  const again = await twarga(home, "restore", file, "--json");
  const { keptAside } = z.object({ keptAside: z.array(z.string()) }).parse(JSON.parse(again.stdout));
  const old = keptAside.find((path) => /twarga\.sqlite\.before-/.test(path));
  const aside = new Database(old ?? "", { readonly: true });
  expect(aside.query("SELECT count(*) AS n FROM mark").get()).toEqual({ n: 0 });
  aside.close();
  expect(() => rows(home, "SELECT count(*) AS n FROM mark")).toThrow("no such table");
}, 30_000);

test("a ledger that does not add up is no backup", async () => {
  const home = mkdtempSync(join(dir, "home-"));
  const file = join(dir, "four.tar");
  await twarga(server.home, "backup", file);
  await twarga(home, "restore", file);
  const sqlite = new Database(join(home, "db/twarga.sqlite"));
  sqlite.run("UPDATE credit_accounts SET balance = balance + 1");
  sqlite.run(
    "INSERT INTO ledger (user_id, kind, amount, balance_after, key, reason, at_ms) SELECT 99999, 'grant', 5, 5, 'a test', '', 1",
  );
  sqlite.run("UPDATE credit_accounts SET balance = 7 WHERE user_id = 99999");
  sqlite.close();
  const { exitCode, stderr } = await twarga(home, "backup", join(dir, "five.tar"));
  expect(exitCode).toBe(1);
  expect(stderr).toContain("The credits do not add up");
  expect(readdirSync(dir)).not.toContain("five.tar");
}, 30_000);
