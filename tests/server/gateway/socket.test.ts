/** The socket from the first frame to the close code: what is answered, exactly once, and what ends it. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { encodeTerminalFrame, limits, terminalId } from "#protocol";
import type { Fixture } from "./fixture.ts";
import { ada, bob, online, open, startGateway, TestSocket, until } from "./fixture.ts";

let fixture: Fixture;
beforeAll(() => {
  fixture = startGateway();
});
afterAll(() => fixture.stop());

const command = (id: number, name: string, input: object = {}) => ({ t: "command", id, name, input });

test("greets a bearer with who he is and answers a command", async () => {
  const socket = open(fixture, ada);
  const hello = await socket.next("hello");
  expect(hello.user).toEqual({ id: ada.id, username: "ada", role: "user" });
  expect(hello.epoch).toBe("epoch-1");
  socket.send(command(1, "vm.list"));
  expect(await socket.next("reply")).toMatchObject({
    id: 1,
    ok: true,
    output: { vms: [{ ownerName: "ada" }] },
  });
});

test("lets a script in by an auth frame", async () => {
  const socket = new TestSocket(fixture.port, {});
  await until(() => (socket.socket.readyState === WebSocket.OPEN ? true : null), "the open socket");
  expect(socket.frames).toEqual([]);
  socket.send({ t: "auth", token: ada.token });
  expect((await socket.next("hello")).user.username).toBe("ada");
});

test("closes with 4401 for a wrong token, and for a command before the log-in, which does not run", async () => {
  for (const frame of [{ t: "auth", token: "wrong" }, command(1, "vm.list"), "junk"]) {
    const ranBefore = fixture.ran.length;
    const socket = new TestSocket(fixture.port, {});
    await until(() => (socket.socket.readyState === WebSocket.OPEN ? true : null), "the open socket");
    socket.send(frame);
    expect(await socket.closeCode()).toBe(4401);
    expect(socket.frames).toEqual([]);
    expect(fixture.ran.length).toBe(ranBefore);
  }
});

test("closes with 4401 who says nothing for five seconds", async () => {
  const startedAtMs = Date.now();
  const socket = new TestSocket(fixture.port, {});
  expect(await socket.closeCode(limits.authTimeoutMs + 2_500)).toBe(4401);
  expect(Date.now() - startedAtMs).toBeGreaterThanOrEqual(limits.authTimeoutMs - 50);
  expect(socket.frames).toEqual([]);
}, 10_000);

test("refuses what is unknown, forbidden or not allowed, and names the field but not the value", async () => {
  const socket = await online(fixture, ada);
  const refusalOf = async (id: number, name: string, input: object) => {
    socket.send(command(id, name, input));
    const { id: answered, error } = await socket.next("refusal");
    expect(answered).toBe(id);
    return error;
  };
  expect((await refusalOf(1, "vm.fly", {})).code).toBe("unknown_command");
  expect((await refusalOf(2, "constructor", {})).code).toBe("unknown_command");
  expect(await refusalOf(3, "vm.get", { vmId: "sekret" })).toMatchObject({
    code: "invalid_input",
    field: "vmId",
  });
  expect(await refusalOf(4, "vm.get", { vmId: 1, role: "admin" })).toMatchObject({ field: "role" });
  expect(await refusalOf(5, "vm.get", { vmId: 404 })).toEqual({ code: "not_found", message: "No such VM" });
  expect(JSON.stringify(socket.frames)).not.toContain("sekret");
});

test("tells nothing of an internal fault", async () => {
  const socket = await online(fixture, ada);
  socket.send(command(1, "vm.get", { vmId: 500 }));
  const { error } = await socket.next("refusal");
  expect(error).toEqual({ code: "internal", message: "Something went wrong on the server" });
});

test("answers three bad frames and closes with 1008", async () => {
  const socket = await online(fixture, ada);
  for (const bad of ["not json", "null", "[]"]) socket.send(bad);
  expect(await socket.closeCode()).toBe(1008);
  expect(socket.frames.filter((frame) => frame.t === "error")).toHaveLength(3);
});

test.each([
  ["123", '"text"', "{}"],
  ['{"t":"fly"}', '{"t":"command","name":"vm.list","input":{}}', '{"t":"ping","id":0}'],
  [
    '{"t":"ping","id":1,"id":2}',
    '{"t":"command","id":1,"name":"vm.create","input":{"__proto__":{"x":1}}}',
    "\u0000",
  ],
  [
    '{"t":"command","id":1,"name":"vm.create","input":{"constructor":{"prototype":{"x":1}}}}',
    "[".repeat(60_000),
    `{"t":"command","id":1,"name":"vm.list","input":${'{"a":'.repeat(9_000)}1${"}".repeat(9_000)}}`,
  ],
  [
    '{"t":"command","id":1,"name":"vm.list","input":{},"\\u005f_proto__":{}}',
    '\uFEFF{"t":"ping","id":1}',
    "{",
  ],
])("takes %s, %s and %s for bad frames and survives them", async (...bad) => {
  const ranBefore = fixture.ran.length;
  const socket = await online(fixture, ada);
  for (const text of bad) socket.send(text);
  expect(await socket.closeCode()).toBe(1008);
  expect(
    socket.frames.filter((frame) => frame.t === "error" && frame.error.code === "bad_frame"),
  ).toHaveLength(3);
  expect(fixture.ran.length).toBe(ranBefore);
  expect(Object.hasOwn(Object.prototype, "x")).toBe(false);
});

test("runs commands side by side and answers each exactly once", async () => {
  const socket = await online(fixture, ada);
  socket.send(command(1, "vm.get", { vmId: 900 }));
  for (let id = 2; id <= 50; id += 1) socket.send(command(id, "vm.get", { vmId: id }));
  await until(
    () => (socket.frames.filter((frame) => frame.t === "reply").length === 49 ? true : null),
    "49 replies",
  );
  socket.send(command(1, "vm.list"));
  expect((await socket.next("error")).error.message).toContain("unanswered");
  (await until(() => fixture.held.pop() ?? null, "the held command"))();
  await until(
    () => (socket.frames.filter((frame) => frame.t === "reply").length === 50 ? true : null),
    "50 replies",
  );
  const ids = socket.frames.flatMap((frame) => (frame.t === "reply" ? [frame.id] : []));
  expect(new Set(ids).size).toBe(50);
  expect(ids.at(-1)).toBe(1);
  expect(fixture.ran.at(-1)).toBe("vm.get");
});

test("answers a ping with the server's time", async () => {
  const socket = await online(fixture, ada);
  socket.send({ t: "ping", id: 9 });
  const pong = await socket.next("pong");
  expect(pong.id).toBe(9);
  expect(Math.abs(pong.serverTimeMs - Date.now())).toBeLessThan(1_000);
});

test("hands terminal bytes and acknowledgements on, and refuses those of another's terminal", async () => {
  const socket = await online(fixture, ada);
  const bytes = (id: number, text: string) =>
    encodeTerminalFrame({
      kind: "input",
      terminalId: terminalId.parse(id),
      payload: new TextEncoder().encode(text),
    });
  socket.sendBytes(bytes(7, "007"));
  socket.send({ t: "ack", terminalId: 7, bytes: 12 });
  await until(() => fixture.terminals.acks.at(-1) ?? null, "the acknowledgement");
  expect(fixture.terminals.inputs).toEqual([{ terminalId: 7, text: "007", user: "ada" }]);
  socket.sendBytes(bytes(8, "rm -rf"));
  expect((await socket.next("error")).error.code).toBe("forbidden");
  expect(fixture.terminals.inputs).toHaveLength(1);
});

test("closes with 1003 for a binary frame that is no terminal input", async () => {
  for (const bytes of [new Uint8Array(3), new Uint8Array(20), new Uint8Array([1, 0, 0, 0, 0, 0, 0, 7, 65])]) {
    const socket = await online(fixture, ada);
    socket.sendBytes(bytes);
    expect(await socket.closeCode()).toBe(1003);
  }
});

test("takes a frame of 64 KiB and closes with 1009 for one byte more", async () => {
  const frame = JSON.stringify(command(1, "vm.get", { vmId: 1, pad: "" }));
  const padded = (size: number) => frame.replace('"pad":""', `"pad":"${"x".repeat(size - frame.length)}"`);
  const fits = await online(fixture, ada);
  fits.send(padded(limits.maxFrameBytes));
  expect((await fits.next("refusal")).error.field).toBe("pad");
  const large = await online(fixture, ada);
  large.send(padded(limits.maxFrameBytes + 1));
  expect(await large.closeCode()).toBe(1009);
});

test("closes with 4429 who sends a thousand frames at once, and leaves others alone", async () => {
  const calm = await online(fixture, bob);
  const socket = await online(fixture, ada);
  for (let id = 1; id <= 1_000; id += 1) socket.send({ t: "ping", id });
  expect(await socket.closeCode()).toBe(4429);
  calm.send({ t: "ping", id: 1 });
  expect((await calm.next("pong")).id).toBe(1);
});

test("counts an acknowledgement as a tenth of a frame: takes a flood's, closes with 4429 for a flood of them", async () => {
  const socket = await online(fixture, ada);
  // A full burst of frames in tenths, less one frame and what is left when the last tenth does not make a whole.
  for (let bytes = 1; bytes <= 1_900; bytes += 1) socket.send({ t: "ack", terminalId: 7, bytes });
  socket.send({ t: "ping", id: 1 });
  expect((await socket.next("pong")).id).toBe(1);
  expect(fixture.terminals.acks.at(-1)).toBe(1_900);
  for (let bytes = 1; bytes <= 20_000; bytes += 1) socket.send({ t: "ack", terminalId: 7, bytes });
  expect(await socket.closeCode()).toBe(4429);
});

test("closes a user's oldest socket for the newest", async () => {
  const oldest = await online(fixture, bob);
  const sockets = [];
  for (let count = 0; count < limits.socketsPerUser; count += 1) sockets.push(await online(fixture, bob));
  expect(await oldest.closeCode()).toBe(4429);
  expect(sockets.every((socket) => socket.closed === null)).toBe(true);
});
