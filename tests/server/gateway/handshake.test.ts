/** Before the 101: which page, which host name, which token; and frames that break RFC 6455. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Fixture } from "./fixture.ts";
import { ada, startGateway, until } from "./fixture.ts";
import type { Handshake } from "./raw-socket.ts";
import { RawSocket } from "./raw-socket.ts";

let fixture: Fixture;
beforeAll(() => {
  fixture = startGateway({ origins: ["https://cloud.example"] });
});
afterAll(() => fixture.stop());

const cookie = { Cookie: `theme=dark; twarga_session=${ada.token}` };
const bearer = { Authorization: `Bearer ${ada.token}` };

async function statusOf(handshake: Handshake): Promise<number> {
  const socket = new RawSocket(fixture.port, handshake);
  const status = await until(() => socket.status(), "an answer to the handshake");
  socket.destroy();
  return status;
}

test("opens a socket for the cookie of a page it serves itself, or that is listed", async () => {
  const own = `http://127.0.0.1:${fixture.port}`;
  expect(await statusOf({ headers: { ...cookie, Origin: own } })).toBe(101);
  expect(await statusOf({ headers: { ...cookie, Origin: "https://cloud.example" } })).toBe(101);
});

test("refuses every other page with 403 before the 101", async () => {
  const { port } = fixture;
  const foreign = [
    "https://evil.example",
    "null",
    `http://127.0.0.1:${port}.evil.example`,
    `http://evil-127.0.0.1:${port}`,
    `http://127.0.0.1:${port + 1}`,
    `https://127.0.0.1:${port}`,
    "https://cloud.example.evil.example",
    "http://cloud.example",
    "",
  ];
  for (const Origin of foreign) {
    expect([Origin, await statusOf({ headers: { ...cookie, Origin } })]).toEqual([Origin, 403]);
    expect([Origin, await statusOf({ headers: { ...bearer, Origin } })]).toEqual([Origin, 403]);
  }
});

test("never takes a cookie without an Origin, but a bearer", async () => {
  expect(await statusOf({ headers: cookie })).toBe(403);
  expect(await statusOf({ headers: bearer })).toBe(101);
  expect(await statusOf({ headers: { Authorization: "Bearer forged" } })).toBe(401);
});

test("tells a page with a dead cookie by the close code, which is all a page can see", async () => {
  const Origin = `http://127.0.0.1:${fixture.port}`;
  const socket = new RawSocket(fixture.port, { headers: { Cookie: "twarga_session=dead", Origin } });
  expect(await until(() => socket.closeCode(), "the close frame")).toBe(4401);
  expect(socket.texts()).toEqual([]);
});

test("refuses a host name that only somebody else's DNS leads here", async () => {
  const Host = `evil.example:${fixture.port}`;
  expect(await statusOf({ headers: { ...bearer, Host } })).toBe(403);
  expect(await statusOf({ headers: { ...cookie, Host, Origin: `http://${Host}` } })).toBe(403);
  expect(await statusOf({ headers: { ...bearer, Host: `localhost:${fixture.port}` } })).toBe(101);
});

test("refuses a handshake without our subprotocol", async () => {
  expect(await statusOf({ headers: bearer, without: ["Sec-WebSocket-Protocol"] })).toBe(400);
  expect(await statusOf({ headers: { ...bearer, "Sec-WebSocket-Protocol": "graphql-ws" } })).toBe(400);
  expect(await statusOf({ headers: { ...bearer, "Sec-WebSocket-Protocol": "a, twarga.v1" } })).toBe(101);
});

test("refuses a broken handshake", async () => {
  expect(await statusOf({ headers: bearer, without: ["Upgrade"] })).toBe(426);
  expect(await statusOf({ headers: bearer, without: ["Sec-WebSocket-Key"] })).toBeGreaterThanOrEqual(400);
});

const text = Buffer.from('{"t":"ping","id":1}');
test.each<[string, (socket: RawSocket) => void, number[]]>([
  ["an unmasked frame", (socket) => socket.sendFrame(0x81, text, false), [1002, 1006]],
  ["a reserved bit", (socket) => socket.sendFrame(0xc1, text), [1002]],
  ["an unknown opcode", (socket) => socket.sendFrame(0x83, text), [1002]],
  ["a fragmented ping", (socket) => socket.sendFrame(0x09, "x"), [1002]],
  ["broken UTF-8", (socket) => socket.sendFrame(0x81, Buffer.from([0xc3, 0x28])), [1007]],
  [
    "fragments of 128 KiB together",
    (socket) => {
      socket.sendFrame(0x01, "x".repeat(60_000));
      socket.sendFrame(0x00, "x".repeat(60_000));
      socket.sendFrame(0x80, "x".repeat(8_000));
    },
    [1009],
  ],
])("ends the socket for %s and answers nothing", async (_name, send, codes) => {
  const socket = new RawSocket(fixture.port, { headers: bearer });
  await until(() => socket.texts()[0] ?? null, "the hello");
  send(socket);
  await until(() => (socket.isGone || socket.closeCode() !== null ? true : null), "the end");
  expect(codes).toContain(socket.closeCode() ?? 1006);
  expect(socket.texts()).toHaveLength(1);
});

test("stays up under 500 half-open sockets and lets a session in among them", async () => {
  const idle = Array.from({ length: 500 }, () => new RawSocket(fixture.port));
  await until(
    () => (idle.every((socket) => socket.status() === 101) ? true : null),
    "500 handshakes",
    10_000,
  );
  await until(() => (fixture.gateway.socketCount <= 201 ? true : null), "the oldest to be closed");
  const socket = new RawSocket(fixture.port, { headers: bearer });
  expect(await until(() => socket.texts()[0] ?? null, "the hello")).toContain("hello");
  for (const each of idle) each.destroy();
}, 15_000);
