/** Accounts through the real gateway: cookies, refusals and sockets that end with their session. */
import { afterEach, expect, test } from "bun:test";
import { randomUUID } from "node:crypto";
import { commands, serverFrame, SUBPROTOCOL } from "#protocol";
import { openDb } from "../../../db/client.ts";
import { users } from "../../../db/schema/index.ts";
import { createBus } from "../../../server/core/bus.ts";
import { systemClock } from "../../../server/core/clock.ts";
import { DisposableStack } from "../../../server/core/disposable.ts";
import { createLog } from "../../../server/core/log.ts";
import { createAuthFeature } from "../../../server/features/auth/index.ts";
import { createGateway } from "../../../server/gateway/index.ts";
import { createSurroundings, PASSWORD, SECRET } from "./harness.ts";

const TIMEOUT_MS = 20_000;
const owned = new DisposableStack();
afterEach(() => owned.dispose());

function startServer(sessionLifetimeMs?: number) {
  const db = openDb(":memory:");
  owned.defer(() => db.close());
  const base = { bus: createBus(), clock: systemClock, log: createLog("silent") };
  const auth = createAuthFeature({
    ...{ ...base, db, jwtSecret: SECRET },
    ...(sessionLifetimeMs !== undefined && { sessionLifetimeMs }),
    ...createSurroundings().options,
  });
  const gateway = owned.use(
    createGateway({
      ...base,
      commands: auth.commands,
      topics: auth.topics,
      gate: auth.gate,
      // No terminal exists here: nothing may arrive.
      terminals: { input: () => expect.unreachable(), ack: () => expect.unreachable() },
      hello: () => ({ version: "0", driver: { name: "simulated", label: "Simulated", simulated: true } }),
      epoch: randomUUID(),
      origins: [],
      publicDir: null,
      health: () => ({ status: "ok", version: "0", driver: "simulated", uptimeSeconds: 0 }),
      ready: () => true,
      partial: true,
      checkPayloads: true,
    }),
  );
  const { port } = gateway.start({ port: 0, host: "127.0.0.1" });
  const url = `http://127.0.0.1:${port}`;
  const post = (path: string, body: string, headers: Record<string, string> = {}) =>
    fetch(`${url}${path}`, {
      method: "POST",
      body,
      headers: { "content-type": "application/json", origin: url, ...headers },
    });
  return { auth, db, url, post };
}

type Server = ReturnType<typeof startServer>;

async function register(server: Server, username: string): Promise<{ token: string; cookie: string }> {
  const response = await server.post("/api/auth/register", JSON.stringify({ username, password: PASSWORD }));
  expect(response.status).toBe(201);
  const body = (await response.json()) as { access_token: string };
  return { token: body.access_token, cookie: response.headers.get("set-cookie") ?? "" };
}

/** Opens a socket as a script does, by an `auth` frame; resolves after the hello. */
async function openSocket(server: Server, token: string) {
  const socket = new WebSocket(`${server.url.replace("http", "ws")}/ws`, SUBPROTOCOL);
  socket.addEventListener("open", () => socket.send(JSON.stringify({ t: "auth", token })));
  const frames: string[] = [];
  const closed = new Promise<{ code: number; atMs: number }>((resolve) =>
    socket.addEventListener("close", ({ code }) => resolve({ code, atMs: Date.now() })),
  );
  await new Promise<void>((resolve, reject) => {
    socket.addEventListener("message", ({ data }) => {
      frames.push(String(data));
      if (serverFrame.parse(JSON.parse(String(data))).t === "hello") resolve();
    });
    socket.addEventListener("close", () => reject(new Error("closed before hello")));
  });
  return { socket, frames, closed };
}

test(
  "register sets a cookie that scripts of the page cannot read and that other sites do not send",
  async () => {
    const server = startServer();
    const { cookie } = await register(server, "ada");
    expect(cookie).toMatch(/^twarga_session=[^;]+;/);
    for (const part of [/;\s*HttpOnly/i, /;\s*SameSite=Strict/i, /;\s*Path=\//i, /;\s*Max-Age=\d+/i])
      expect(cookie).toMatch(part);
    const me = await fetch(`${server.url}/api/auth/me`, { headers: { cookie: cookie.split(";")[0] ?? "" } });
    expect(await me.json()).toMatchObject({ user: { username: "ada", role: "user" } });
  },
  TIMEOUT_MS,
);

test(
  "logout clears the cookie and closes the sockets of that session only",
  async () => {
    const server = startServer();
    const { token } = await register(server, "ada");
    const login = await server.post(
      "/api/auth/login",
      JSON.stringify({ username: "ada", password: PASSWORD }),
    );
    const other = (await login.json()) as { access_token: string };
    const mine = await openSocket(server, token);
    const theirs = await openSocket(server, other.access_token);

    const response = await server.post("/api/auth/logout", "{}", { authorization: `Bearer ${token}` });
    expect(response.headers.get("set-cookie")).toMatch(/twarga_session=;.*Max-Age=0/i);
    expect((await mine.closed).code).toBe(4401);
    expect(theirs.socket.readyState).toBe(WebSocket.OPEN);
    const me = await fetch(`${server.url}/api/auth/me`, { headers: { authorization: `Bearer ${token}` } });
    expect(me.status).toBe(401);
  },
  TIMEOUT_MS,
);

test(
  "deactivation closes every open socket of the user within a second",
  async () => {
    const server = startServer();
    const { token } = await register(server, "ada");
    const sockets = await Promise.all([1, 2, 3].map(() => openSocket(server, token)));
    const ada = server.db.orm.select().from(users).get();
    if (ada === undefined) throw new Error("no user");
    const atMs = Date.now();
    server.auth.accounts.update(ada.id, { active: false });
    for (const { code, atMs: closedAtMs } of await Promise.all(sockets.map(({ closed }) => closed))) {
      expect(code).toBe(4401);
      expect(closedAtMs - atMs).toBeLessThan(1_000);
    }
    expect(openSocket(server, token)).rejects.toThrow();
  },
  TIMEOUT_MS,
);

test(
  "an open socket closes within two seconds of the end of its session",
  async () => {
    const lifetimeMs = 1_500;
    const server = startServer(lifetimeMs);
    const openedAtMs = Date.now();
    const { token } = await register(server, "ada");
    const { closed } = await openSocket(server, token);
    const { code, atMs } = await closed;
    expect(code).toBe(4401);
    expect(atMs - openedAtMs).toBeGreaterThanOrEqual(lifetimeMs);
    expect(atMs - openedAtMs).toBeLessThan(lifetimeMs + 3_000);
  },
  TIMEOUT_MS,
);

test(
  "a password of 1,000 characters is refused, one of a million is not even read",
  async () => {
    const server = startServer();
    const withPassword = (length: number) =>
      JSON.stringify({ username: "ada", password: "p".repeat(length) });
    const long = await server.post("/api/auth/register", withPassword(1_000));
    expect(long.status).toBe(400);
    expect(await long.json()).toMatchObject({ error: { code: "invalid_input", field: "password" } });
    expect((await server.post("/api/auth/register", withPassword(1_000_000))).status).toBe(413);
    expect(server.db.orm.select().from(users).all()).toEqual([]);
  },
  TIMEOUT_MS,
);

test(
  "a refused password never comes back in the answer",
  async () => {
    const server = startServer();
    const response = await server.post("/api/auth/register", `{"username":"Ada","password":"hunter2"}`);
    expect(response.status).toBe(400);
    expect(await response.text()).not.toContain("hunter2");
  },
  TIMEOUT_MS,
);

test(
  "too many wrong passwords answer 429 with a time to wait",
  async () => {
    const server = startServer();
    await register(server, "ada");
    const guess = () => server.post("/api/auth/login", `{"username":"ada","password":"wrong password"}`);
    const answers = await Promise.all(Array.from({ length: 10 }, guess));
    const refused = answers.find(({ status }) => status === 429);
    expect(await refused?.json()).toMatchObject({
      error: { code: "rate_limited", retryAfterMs: expect.any(Number) },
    });
  },
  TIMEOUT_MS,
);

test(
  "a password changed over a socket is answered, and then the socket ends with its session",
  async () => {
    const server = startServer();
    const { token } = await register(server, "ada");
    const { socket, frames, closed } = await openSocket(server, token);
    const input = { currentPassword: PASSWORD, newPassword: "a new long password" };
    socket.send(JSON.stringify({ t: "command", id: 1, name: "auth.changePassword", input }));
    expect((await closed).code).toBe(4401);
    const answers = frames.map((text) => serverFrame.parse(JSON.parse(text)));
    const reply = answers.find((frame) => frame.t === "reply");
    if (reply === undefined) throw new Error(`No reply among ${frames.length} frames`);
    const headers = {
      authorization: `Bearer ${commands["auth.changePassword"].output.parse(reply.output).access_token}`,
    };
    expect((await fetch(`${server.url}/api/auth/me`, { headers })).status).toBe(200);
  },
  TIMEOUT_MS,
);

test(
  "a revoked API token closes its sockets at once and leaves those of the log-in",
  async () => {
    const server = startServer();
    const { token } = await register(server, "ada");
    const headers = { authorization: `Bearer ${token}` };
    const made = await server.post("/api/account/tokens", '{"name":"ci","scope":"read"}', headers);
    const { secret, token: view } = (await made.json()) as { secret: string; token: { id: number } };
    const byToken = await openSocket(server, secret);
    const byLogin = await openSocket(server, token);
    const path = `${server.url}/api/account/tokens/${view.id}`;
    expect((await fetch(path, { method: "DELETE", headers })).status).toBe(200);
    expect((await byToken.closed).code).toBe(4401);
    expect(byLogin.socket.readyState).toBe(WebSocket.OPEN);
  },
  TIMEOUT_MS,
);
