/** What must stay secret does: in the log, in child processes, and in the files of the home. */
import { expect, test } from "bun:test";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { SUBPROTOCOL } from "#protocol";
import { waitFor } from "../../helpers/wait-for.ts";
import { makeHome, ServerProcess } from "./server-process.ts";

const TIMEOUT_MS = 60_000;
const PASSWORD = "correct horse battery";
const ADMIN_PASSWORD = "admin horse battery";
const SECRET = "a-signing-secret-of-more-than-32-bytes-for-this-test";
const settings = { TWARGA_JWT_SECRET: SECRET, TWARGA_ADMIN_PASSWORD: ADMIN_PASSWORD };

/** Environments of all descendants of a process that live right now. */
function environmentsBelow(pid: number): string[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync("/proc").filter((entry) => /^\d+$/.test(entry))) {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, "utf8");
      parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]));
    } catch {
      // It ended while we looked.
    }
  }
  const isBelow = (child: number): boolean => {
    const parent = parents.get(child);
    return parent !== undefined && parent > 1 && (parent === pid || isBelow(parent));
  };
  return [...parents.keys()].filter(isBelow).flatMap((child) => {
    try {
      // Between fork and exec a child still is a copy of the server.
      if (readFileSync(`/proc/${child}/cmdline`, "utf8").includes("server/main.ts")) return [];
      return [readFileSync(`/proc/${child}/environ`, "utf8")].filter((text) => text !== "");
    } catch {
      return [];
    }
  });
}

test(
  "no child process of the server inherits a secret",
  async () => {
    using home = makeHome();
    await using server = await ServerProcess.start({ TWARGA_HOME: home.dir, ...settings });
    // The inventory of the host is read by a child soon after the start.
    const environments = await waitFor(
      "a child process",
      () => {
        const found = environmentsBelow(server.pid).filter((text) => text.includes("PATH="));
        return found.length > 0 && found;
      },
      { timeoutMs: 30_000, everyMs: 2 },
    );
    for (const text of environments) {
      expect(text).not.toContain(SECRET);
      expect(text).not.toContain(ADMIN_PASSWORD);
    }
  },
  TIMEOUT_MS,
);

/** Logs in by cookie and opens a socket by the token, as a script does. */
async function useEverything(server: ServerProcess): Promise<string[]> {
  const registered = await server.post("/api/auth/register", { username: "ada", password: PASSWORD });
  const { access_token: token } = (await registered.json()) as { access_token: string };
  const login = await server.post("/api/auth/login", { username: "ada", password: PASSWORD });
  const { access_token: second } = (await login.json()) as { access_token: string };
  await server.post("/api/auth/login", { username: "ada", password: `${PASSWORD} not` });
  await server.post("/api/auth/login", { username: PASSWORD, password: "typed into the wrong field" });
  await server.post("/api/auth/setup", { token: "a-guess-of-the-set-up-token", password: PASSWORD });
  await server.post("/api/vms", { name: PASSWORD, token }, { authorization: `Bearer ${token}` });
  await fetch(`${server.url}/api/vms?token=${token}`, { headers: { authorization: `Bearer ${second}` } });
  const socket = new WebSocket(`${server.url.replace("http", "ws")}/ws`, SUBPROTOCOL);
  const hello = Promise.withResolvers<string>();
  const closed = Promise.withResolvers<void>();
  socket.addEventListener("message", ({ data }) => hello.resolve(String(data)));
  socket.addEventListener("close", () => closed.resolve());
  socket.addEventListener("open", () => socket.send(JSON.stringify({ t: "auth", token })));
  expect(await hello.promise).toContain('"t":"hello"');
  for (const input of [
    { username: "ada", password: PASSWORD },
    { username: 5, password: PASSWORD },
  ])
    socket.send(JSON.stringify({ t: "command", id: 1, name: "auth.login", input }));
  socket.send(`{"t":"auth","token":"${token}"`);
  socket.send(JSON.stringify({ t: "command", id: 2, name: "auth.logout", input: {} }));
  await closed.promise;
  return [token, second];
}

test(
  "the log of a full run holds no token and no password, not even at its finest level",
  async () => {
    using home = makeHome();
    await using server = await ServerProcess.start({
      TWARGA_HOME: home.dir,
      ...settings,
      TWARGA_LOG_LEVEL: "trace",
    });
    const tokens = await useEverything(server);
    const { stderr, stdout } = await server.end();
    expect(stderr).toContain('"auth.login"');
    const secrets = [...tokens, PASSWORD, ADMIN_PASSWORD, SECRET, "a-guess-of-the-set-up-token", "$argon2"];
    for (const secret of secrets)
      expect([secret, (stderr + stdout).includes(secret)]).toEqual([secret, false]);
  },
  TIMEOUT_MS,
);

test(
  "only the owner of the home can read the database, its journal and the signing secret",
  async () => {
    using home = makeHome();
    await using server = await ServerProcess.start({ TWARGA_HOME: home.dir });
    await server.post("/api/auth/register", { username: "ada", password: PASSWORD });
    const others = (path: string) => statSync(join(home.dir, path)).mode & 0o077;
    const files = readdirSync(join(home.dir, "db")).filter((name) => name.includes("sqlite"));
    expect(files).toContain("twarga.sqlite-wal");
    for (const file of files) expect([file, others(join("db", file))]).toEqual([file, 0]);
    for (const path of ["db/secrets", "db/secrets/jwt-secret"])
      expect([path, others(path)]).toEqual([path, 0]);
    expect(["vms", others("vms"), others("logs")]).toEqual(["vms", 0, 0]);
  },
  TIMEOUT_MS,
);
