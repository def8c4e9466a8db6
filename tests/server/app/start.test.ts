/** The real server process: how it starts, refuses to start, and ends. */
import { expect, test } from "bun:test";
import { statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SAMPLE_SECRET } from "../../../server/core/config/schema.ts";
import { freePort, makeHome, runRefused, ServerProcess } from "./server-process.ts";

const TIMEOUT_MS = 60_000;
const PASSWORD = "correct horse battery";

test.each([
  ["PORT", "70000"],
  ["TWARGA_JWT_SECRET", "shorter than 32 bytes"],
  ["TWARGA_JWT_SECRET", SAMPLE_SECRET],
])(
  "a bad %s ends the start with exit code 1 and one line",
  async (name, value) => {
    using home = makeHome();
    const { stdout, stderr, exitCode } = await runRefused({ TWARGA_HOME: home.dir, [name]: value });
    expect(exitCode).toBe(1);
    expect(stdout).toBe("");
    expect(stderr).toMatch(new RegExp(`^${name} must be [^\\n]+\\n$`));
    expect(stderr).not.toContain(value);
  },
  TIMEOUT_MS,
);

test(
  "a home that is no folder is refused in one line",
  async () => {
    using home = makeHome();
    const file = join(home.dir, "file");
    writeFileSync(file, "");
    const { stderr, exitCode } = await runRefused({ TWARGA_HOME: file });
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^TWARGA_HOME must be [^\n]+\n$/);
  },
  TIMEOUT_MS,
);

test.each(["203.0.113.9", "no-such-host.invalid"])(
  "HOST=%s, which is not this machine, is refused in one line",
  async (host) => {
    using home = makeHome();
    const { stderr, exitCode } = await runRefused({
      TWARGA_HOME: home.dir,
      HOST: host,
      PORT: String(await freePort()),
      TWARGA_LOG_LEVEL: "silent",
    });
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^HOST must be [^\n]+\n$/);
  },
  TIMEOUT_MS,
);

test(
  "a home and a port in use are refused; kill -9 leaves neither locked",
  async () => {
    using home = makeHome();
    using otherHome = makeHome();
    const port = String(await freePort());
    await using first = await ServerProcess.start({ TWARGA_HOME: home.dir, PORT: port });
    const [sameHome, samePort] = await Promise.all([
      runRefused({ TWARGA_HOME: home.dir, PORT: String(await freePort()) }),
      runRefused({ TWARGA_HOME: otherHome.dir, PORT: port, TWARGA_LOG_LEVEL: "silent" }),
    ]);
    expect(sameHome).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(/^TWARGA_HOME must be [^\n]+\n$/),
    });
    expect(samePort).toMatchObject({ exitCode: 1, stderr: expect.stringMatching(/^PORT must be [^\n]+\n$/) });
    expect((await fetch(`${first.url}/health`)).status).toBe(200);

    await first.end("SIGKILL");
    await using second = await ServerProcess.start({ TWARGA_HOME: home.dir, PORT: port });
    expect((await fetch(`${second.url}/health`)).status).toBe(200);
  },
  TIMEOUT_MS,
);

test(
  "the first start prints a set-up link that works once; sessions survive a restart; SIGTERM ends it in order",
  async () => {
    using home = makeHome();
    await using first = await ServerProcess.start({ TWARGA_HOME: home.dir });
    expect(await (await fetch(`${first.url}/health`)).json()).toEqual({
      status: "ok",
      version: expect.any(String),
      driver: "simulated",
      uptimeSeconds: expect.any(Number),
    });
    const secretFile = join(home.dir, "db/secrets/jwt-secret");
    expect(statSync(secretFile).mode & 0o777).toBe(0o600);

    const startedAtMs = Date.now();
    const ended = await first.end("SIGTERM");
    expect(ended.exitCode).toBe(0);
    expect(Date.now() - startedAtMs).toBeLessThan(10_000);
    expect(ended.stdout).toContain(`/setup?token=`);

    await using second = await ServerProcess.start({ TWARGA_HOME: home.dir, PORT: new URL(first.url).port });
    const oldToken = /setup\?token=(\S+)/.exec(ended.stdout)?.[1];
    const refused = await second.post("/api/auth/setup", { token: oldToken, password: PASSWORD });
    expect(refused.status).toBe(401);
    const registered = await second.post("/api/auth/register", { username: "ada", password: PASSWORD });
    expect(registered.status).toBe(201);
    const { access_token } = (await registered.json()) as { access_token: string };
    const secondEnd = await second.end("SIGINT");
    expect(secondEnd.exitCode).toBe(0);
    expect(secondEnd.stdout + secondEnd.stderr).not.toContain(access_token);
    expect(secondEnd.stdout + secondEnd.stderr).not.toContain(PASSWORD);

    await using third = await ServerProcess.start({ TWARGA_HOME: home.dir, TWARGA_ADMIN_PASSWORD: PASSWORD });
    const me = await fetch(`${third.url}/api/auth/me`, {
      headers: { authorization: `Bearer ${access_token}` },
    });
    expect(await me.json()).toMatchObject({ user: { username: "ada" } });
    const admin = await third.post("/api/auth/login", { username: "admin", password: PASSWORD });
    expect(await admin.json()).toMatchObject({ user: { role: "admin" } });
    expect((await third.end()).stdout).not.toContain("setup?token=");
  },
  TIMEOUT_MS,
);

test(
  "two signals at once end it once, with exit code 0",
  async () => {
    using home = makeHome();
    await using server = await ServerProcess.start({ TWARGA_HOME: home.dir });
    process.kill(server.pid, "SIGINT");
    expect((await server.end("SIGTERM")).exitCode).toBe(0);
  },
  TIMEOUT_MS,
);
