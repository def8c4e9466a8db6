/** The socket from the first byte to the close code: who gets in, what is answered, what ends it. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Fixture } from "./fixture.ts";
import { ada, online, open, startGateway, TestSocket, until } from "./fixture.ts";

let fixture: Fixture;
beforeAll(() => {
  fixture = startGateway();
});
afterAll(() => fixture.stop());

test("greets a bearer with who he is and answers a command", async () => {
  const socket = open(fixture, ada);
  const hello = await socket.next("hello");
  expect(hello.user).toEqual({ id: ada.id, username: "ada", role: "user" });
  expect(hello.epoch).toBe("epoch-1");
  socket.send({ t: "command", id: 1, name: "vm.list", input: {} });
  const reply = await socket.next("reply");
  expect(reply).toMatchObject({ id: 1, ok: true, output: { vms: [{ name: "vm-1", ownerName: "ada" }] } });
});
