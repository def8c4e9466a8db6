/** The HTTP face: the same commands, the same errors, and nothing a foreign page could use. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { connect } from "node:net";
import { mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Fixture } from "./fixture.ts";
import { ada, online, startGateway, until } from "./fixture.ts";

let fixture: Fixture;
let publicDir: string;
beforeAll(async () => {
  publicDir = await mkdtemp(join(tmpdir(), "gateway-ui-"));
  await mkdir(join(publicDir, "assets"));
  await Bun.write(join(publicDir, "index.html"), "<!doctype html><title>page</title>");
  await Bun.write(join(publicDir, "assets", "app-1a2b.js"), `console.log(${"1+".repeat(2_000)}1)`);
  await Bun.write(join(publicDir, ".hidden"), "secret");
  fixture = startGateway({ publicDir });
});
afterAll(async () => {
  await fixture.stop();
  await rm(publicDir, { recursive: true });
});

const bearer = { authorization: `Bearer ${ada.token}` };
const json = { ...bearer, "content-type": "application/json" };

async function call(path: string, init: RequestInit = {}) {
  const response = await fetch(fixture.http + path, init);
  const text = await response.text();
  const isJson = response.headers.get("content-type")?.includes("json") ?? false;
  return { status: response.status, headers: response.headers, text, body: isJson ? JSON.parse(text) : null };
}
const post = (path: string, body: BodyInit, headers: Record<string, string> = json) =>
  call(path, { method: "POST", body, headers });

test("runs a command for a bearer and for a cookie, and for nobody else", async () => {
  expect((await call("/api/vms", { headers: bearer })).body).toMatchObject({ vms: [{ ownerName: "ada" }] });
  const cookie = { cookie: `twarga_session=${ada.token}` };
  expect((await call("/api/vms", { headers: cookie })).status).toBe(200);
  const strangers: Record<string, string>[] = [
    {},
    { authorization: "Bearer forged" },
    { cookie: "twarga_session=forged" },
  ];
  for (const headers of strangers) {
    const { status, body } = await call("/api/vms", { headers });
    expect([status, body]).toEqual([401, { error: { code: "unauthenticated", message: "Log in first" } }]);
  }
});

test("gives the same error as the socket for the same bad input", async () => {
  const socket = await online(fixture, ada);
  const cases: [string, object, () => Promise<{ body: unknown }>][] = [
    ["vm.get", { vmId: 404 }, () => call("/api/vms/404", { headers: bearer })],
    ["vm.get", { vmId: "1e3" }, () => call("/api/vms/1e3", { headers: bearer })],
    ["vm.get", { vmId: 500 }, () => call("/api/vms/500", { headers: bearer })],
    ["job.list", { limit: 0 }, () => call("/api/jobs?limit=0", { headers: bearer })],
    ["job.list", { limit: 1_000_000_000 }, () => call("/api/jobs?limit=1000000000", { headers: bearer })],
    ["job.list", { sort: "name;drop" }, () => call("/api/jobs?sort=name%3Bdrop", { headers: bearer })],
    ["vm.create", { name: "a..b" }, () => post("/api/vms", '{"name":"a..b"}')],
    ["vm.create", {}, () => post("/api/vms", "")],
    ["vm.start", { vmId: 1 }, () => post("/api/vms/1/action", '{"action":"start"}')],
    ["vm.start", { vmId: 1, x: 1 }, () => post("/api/vms/1/action", '{"action":"start","x":1}')],
  ];
  for (const [id, [name, input, rest]] of cases.entries()) {
    socket.send({ t: "command", id: id + 1, name, input });
    const { error } = await socket.next("refusal");
    expect((await rest()).body).toEqual({ error });
  }
});

test.each([
  "1%20OR%201=1",
  "-1",
  "0x10",
  "1e3",
  "9007199254740993",
  "..%2f1",
  "%00",
  "01",
  "%201",
  "+1",
  "1.0",
])("refuses the id %s before anything runs", async (id) => {
  const before = fixture.ran.length;
  const { status, body } = await call(`/api/vms/${id}`, { headers: bearer });
  expect([400, 404]).toContain(status);
  expect(body.error.code).toMatch(/^(invalid_input|unknown_command|bad_frame)$/);
  expect(fixture.ran.length).toBe(before);
});

test("reads numbers of the query, and refuses a field that comes twice", async () => {
  await call("/api/jobs?limit=7", { headers: bearer });
  expect(fixture.ran.at(-1)).toBe("job.list 7");
  expect((await call("/api/jobs?limit=1&limit=9", { headers: bearer })).body.error.field).toBe("limit");
  expect((await post("/api/vms/1/action", '{"action":"start","vmId":2}')).body.error.field).toBe("vmId");
});

test("names the allowed actions", async () => {
  for (const body of ['{"action":"fly"}', "{}", '{"action":["start"]}']) {
    const { status, body: answer } = await post("/api/vms/1/action", body);
    expect(status).toBe(400);
    expect(answer.error).toMatchObject({ code: "invalid_input", field: "action" });
    expect(answer.error.message).toContain("start, stop, restart, destroy");
  }
});

test("answers bad bodies with 400, 413 and 415", async () => {
  const statusOf = async (body: BodyInit, headers = json) => (await post("/api/vms", body, headers)).status;
  for (const bad of [
    "junk",
    "null",
    "[]",
    "1",
    '{"a":1,"a":2}',
    '{"__proto__":{"x":1}}',
    '{"constructor":{}}',
  ]) {
    expect([bad, await statusOf(bad)]).toEqual([bad, 400]);
  }
  expect(await statusOf("[".repeat(60_000))).toBe(400);
  expect(await statusOf('{"a":'.repeat(10_000))).toBe(400);
  expect(await statusOf(new Uint8Array([0xef, 0xbb, 0xbf, 0x7b, 0x7d]))).toBe(400);
  expect(await statusOf(new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x7d]))).toBe(400);
  expect(await statusOf(`{"name":"${"x".repeat(64 * 1024)}"}`)).toBe(413);
  expect(await statusOf("x".repeat(3_000_000))).toBe(413);
  expect(await statusOf("{}", { ...bearer, "content-type": "text/plain" })).toBe(415);
  expect(await statusOf("{}", { ...bearer, "content-type": "application/json; charset=latin1" })).toBe(415);
  expect(Object.hasOwn(Object.prototype, "x")).toBe(false);
});

test("stops reading a chunked body at 64 KiB", async () => {
  const tcp = connect(fixture.port, "127.0.0.1");
  let answer = "";
  tcp.on("data", (chunk: Buffer) => (answer += chunk.toString()));
  tcp.on("error", () => {});
  tcp.write(
    `POST /api/vms HTTP/1.1\r\nHost: 127.0.0.1:${fixture.port}\r\nAuthorization: ${bearer.authorization}\r\n` +
      "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n",
  );
  const chunk = `2000\r\n${"x".repeat(0x2000)}\r\n`;
  for (let count = 0; count < 12; count += 1) tcp.write(chunk);
  expect(await until(() => (answer === "" ? null : answer), "the refusal")).toStartWith("HTTP/1.1 413");
  tcp.destroy();
});

test("log-in sets a cookie that scripts cannot read, log-out clears it", async () => {
  const login = await post("/api/auth/login", '{"username":"ada","password":"pw"}', {
    "content-type": "application/json",
  });
  expect(login.body).toMatchObject({ access_token: ada.token, token_type: "bearer" });
  expect(login.headers.get("set-cookie")).toBe(
    `twarga_session=${ada.token}; Path=/; HttpOnly; SameSite=Strict; Max-Age=3600`,
  );
  const secure = await post("/api/auth/login", '{"username":"ada","password":"pw"}', {
    "content-type": "application/json",
    "x-forwarded-proto": "https",
  });
  expect(secure.headers.get("set-cookie")).toEndWith("; Secure");
  const wrong = await post("/api/auth/login", '{"username":"eve","password":"pw"}', {
    "content-type": "application/json",
  });
  expect([wrong.status, wrong.headers.get("set-cookie")]).toEqual([401, null]);

  fixture.gate.add("to-end", ada.id, "ada", "user");
  const logout = await post("/api/auth/logout", "", { authorization: "Bearer to-end" });
  expect([logout.status, logout.headers.get("set-cookie")]).toEqual([
    200,
    "twarga_session=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0",
  ]);
});

test("refuses writes that another site's page sends with the cookie", async () => {
  const cookie = { cookie: `twarga_session=${ada.token}`, "content-type": "application/json" };
  const statusWith = async (headers: Record<string, string>) =>
    (await post("/api/vms/1/action", '{"action":"start"}', { ...cookie, ...headers })).status;
  for (const origin of ["https://evil.example", "null", `http://127.0.0.1:${fixture.port + 1}`]) {
    expect(await statusWith({ origin })).toBe(403);
  }
  expect(await statusWith({ "sec-fetch-site": "cross-site" })).toBe(403);
  expect(await statusWith({ "sec-fetch-site": "same-site" })).toBe(403);
  expect(await statusWith({ origin: fixture.http, "sec-fetch-site": "same-origin" })).toBe(409);
});

test("answers unknown addresses of the API in JSON, whatever the browser accepts", async () => {
  for (const [method, path] of [
    ["GET", "/api/nope"],
    ["PUT", "/api/nope"],
    ["DELETE", "/api/vms/1/nope"],
    ["GET", "/api"],
  ]) {
    const { status, body } = await call(path ?? "", { method, headers: { ...bearer, accept: "text/html" } });
    expect([path, status, body?.error.code]).toEqual([path, 404, "unknown_command"]);
  }
});

test("tells its health, and refuses commands until it is ready", async () => {
  expect((await call("/health")).body).toEqual({
    status: "ok",
    version: "0.0.0",
    driver: "simulated",
    uptimeSeconds: 1,
  });
  const starting = startGateway({ ready: () => false });
  const refused = await fetch(`${starting.http}/api/vms`, { headers: bearer });
  expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "1"]);
  await starting.stop();
});

test("sends the security headers with everything", async () => {
  for (const path of ["/health", "/api/nope", "/api/vms", "/docs", "/", "/assets/app-1a2b.js"]) {
    const { headers } = await call(path, { headers: { accept: "text/html" } });
    const policy = headers.get("content-security-policy") ?? "";
    expect(policy).toContain("script-src 'self';");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("strict-transport-security")).toBeNull();
  }
});

test("serves the page, its deep links and its files with the right caching", async () => {
  const html = { accept: "text/html" };
  for (const path of ["/", "/vms/3", "/index.html"]) {
    const { status, headers, text } = await call(path, { headers: html });
    expect([path, status, text.includes("<title>page</title>")]).toEqual([path, 200, true]);
    expect(headers.get("cache-control")).toBe("no-cache");
  }
  const script = await call("/assets/app-1a2b.js", { headers: { "accept-encoding": "gzip" } });
  expect(script.text).toStartWith("console.log");
  expect(script.headers.get("cache-control")).toContain("immutable");
  expect(script.headers.get("content-encoding")).toBe("gzip");
  const etag = script.headers.get("etag") ?? "";
  expect((await call("/assets/app-1a2b.js", { headers: { "if-none-match": etag } })).status).toBe(304);
  expect((await call("/assets/gone.js")).status).toBe(404);
});

test("serves nothing outside the built interface", async () => {
  await Bun.write(`${publicDir}-outside`, "secret");
  await symlink(`${publicDir}-outside`, join(publicDir, "assets", "link.js"));
  for (const path of [
    "/..%2f..%2fetc%2fpasswd",
    "/%2e%2e/etc/passwd",
    "/.hidden",
    "/assets/..%5c.hidden",
    "/%00",
    "/%",
  ]) {
    const { text } = await call(path);
    expect([path, text.includes("root:") || text.includes("secret")]).toEqual([path, false]);
  }
  await rm(`${publicDir}-outside`);
});
