/** What HTTP itself asks of every address: HEAD, 405 with Allow, and a plain answer to whatever is no request of ours. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { connect } from "node:net";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Fixture } from "./fixture.ts";
import { ada, startGateway, until } from "./fixture.ts";

let fixture: Fixture;
let publicDir: string;
beforeAll(async () => {
  publicDir = await mkdtemp(join(tmpdir(), "gateway-ui-"));
  await Bun.write(join(publicDir, "index.html"), "<!doctype html><title>page</title>");
  fixture = startGateway({ publicDir });
});
afterAll(async () => {
  await fixture.stop();
  await rm(publicDir, { recursive: true });
});

const bearer = { authorization: `Bearer ${ada.token}` };

/** One raw request and everything the server says until it closes. */
async function raw(head: string, headers = `Host: 127.0.0.1:${fixture.port}\r\n`): Promise<string> {
  const tcp = connect(fixture.port, "127.0.0.1");
  let answer = "";
  let isClosed = false;
  tcp.on("data", (chunk: Buffer) => (answer += chunk.toString("latin1")));
  tcp.on("close", () => (isClosed = true));
  tcp.on("error", () => {});
  tcp.write(`${head} HTTP/1.1\r\n${headers}Connection: close\r\n\r\n`);
  await until(() => (isClosed ? true : null), "the end of the answer");
  return answer;
}

test.each(["/", "/health", "/api/vms", "/docs", "/docs/openapi.json", "/api/vms/404", "/vms/3"])(
  "HEAD %s answers like GET, without a body",
  async (path) => {
    const headers = { ...bearer, accept: "text/html" };
    const get = await fetch(fixture.http + path, { headers });
    const head = await fetch(fixture.http + path, { method: "HEAD", headers });
    expect([head.status, await head.text()]).toEqual([get.status, ""]);
    for (const name of [
      "content-type",
      "cache-control",
      "etag",
      "content-security-policy",
      "www-authenticate",
    ])
      expect([name, head.headers.get(name)]).toEqual([name, get.headers.get(name)]);
    const answer = await raw(`HEAD ${path}`, `Host: 127.0.0.1:${fixture.port}\r\n`);
    expect(answer.slice(answer.indexOf("\r\n\r\n") + 4)).toBe("");
  },
);

test.each([
  ["PUT", "/api/vms", "GET, HEAD, POST"],
  ["DELETE", "/api/vms/1", "GET, HEAD, PATCH"],
  ["GET", "/api/vms/1/action", "POST"],
  ["HEAD", "/api/auth/login", "POST"],
  ["GET", "/api/auth/logout", "POST"],
  ["POST", "/health", "GET, HEAD"],
  ["POST", "/ws", "GET"],
  ["DELETE", "/docs", "GET, HEAD"],
  ["POST", "/", "GET, HEAD"],
  ["OPTIONS", "/api/vms", "GET, HEAD, POST"],
])("%s %s is answered with 405 and what is allowed", async (method, path, allow) => {
  const before = fixture.ran.length;
  const response = await fetch(fixture.http + path, { method, headers: bearer });
  expect([response.status, response.headers.get("allow")]).toEqual([405, allow]);
  expect(response.headers.get("x-content-type-options")).toBe("nosniff");
  expect(response.headers.get("access-control-allow-origin")).toBeNull();
  expect(fixture.ran.length).toBe(before);
});

test.each([
  "GET /api/vms/%ZZ",
  "GET /%ZZ",
  "GET /api/vms/%E0%A4%A",
  "GET /api/vms/%00",
  "GET //evil.example/..",
  "GET /api/vms?limit=%ZZ",
  "GET /api/jobs?__proto__=1",
  "GET /api/jobs?constructor=1",
  "TRACE /",
])("%s is refused without a fault of the server", async (request) => {
  const authorized = `Host: 127.0.0.1:${fixture.port}\r\nAuthorization: ${bearer.authorization}\r\n`;
  const answer = await raw(request, authorized);
  expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /);
  expect(answer).not.toMatch(/\bat \w+ \(|node_modules|\.ts:|Error:/);
});

test("a name longer than the file system allows is not found", async () => {
  for (const length of [300, 5_000, 12_000])
    expect(await raw(`GET /${"a".repeat(length)}`)).toStartWith("HTTP/1.1 404");
});
