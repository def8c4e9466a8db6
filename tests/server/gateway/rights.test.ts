/** What a session may do: API tokens, their scope, and a password that must be changed first; and files over REST. */
import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import type { Session } from "../../../server/core/caller.ts";
import { defineCommand } from "../../../server/core/command.ts";
import { ada, type Fixture, online, startGateway } from "./fixture.ts";

let fixture: Fixture;
let ordinary: Session;
const ran: string[] = [];

beforeAll(() => {
  const create = defineCommand("token.create", () => {
    ran.push("token.create");
    throw new Error("not reached");
  });
  const exported = defineCommand("credits.export", () => ({
    fileName: '../led"ger\r\nx: y.csv',
    mediaType: "text/csv",
    text: "a,b\r\n1,2\r\n",
  }));
  const me = defineCommand("auth.me", () => {
    ran.push("auth.me");
    throw new Error("reached");
  });
  const commands = [create, exported, me].map((command) => command.bind(undefined));
  fixture = startGateway({ commands });
  const found = fixture.gate.byToken.get(ada.token);
  if (!found) throw new Error("no session");
  ordinary = found;
});
beforeEach(() => {
  ran.length = 0;
  fixture.ran.length = 0;
});
afterAll(() => fixture.stop());

function be(change: Partial<Session>): void {
  fixture.gate.byToken.set(ada.token, { ...ordinary, ...change });
}

async function call(method: string, path: string, body?: object) {
  const headers = { authorization: `Bearer ${ada.token}`, "content-type": "application/json" };
  const response = await fetch(fixture.http + path, {
    method,
    headers,
    ...(body && { body: JSON.stringify(body) }),
  });
  return {
    response,
    status: response.status,
    body: await response
      .clone()
      .json()
      .catch(() => null),
  };
}
const codeOf = async (method: string, path: string, body?: object) =>
  (await call(method, path, body)).body.error?.code;

const vm = { name: "web", image: "lab", ramMb: 512, cpuCores: 1, diskGb: 10 };

test("a token of scope read reads and does not write", async () => {
  be({ kind: "token", scope: "read" });
  expect((await call("GET", "/api/vms")).status).toBe(200);
  expect(await codeOf("POST", "/api/vms", vm)).toBe("forbidden");
  expect(fixture.ran).toEqual(["vm.list"]);
});

test("a token of scope write writes, but does not touch what guards the account", async () => {
  be({ kind: "token", scope: "write" });
  expect(await codeOf("POST", "/api/vms", vm)).toBe("conflict");
  expect(await codeOf("POST", "/api/account/tokens", { name: "x", scope: "write" })).toBe("forbidden");
  expect(ran).toEqual([]);
});

test("until the password is changed only the account itself answers, on both faces", async () => {
  be({ mustChangePassword: true });
  expect(await codeOf("GET", "/api/vms")).toBe("password_change_required");
  await call("GET", "/api/auth/me");
  expect(ran).toEqual(["auth.me"]);
  const socket = await online(fixture, ada);
  socket.send({ t: "command", id: 1, name: "vm.list", input: {} });
  expect((await socket.next("refusal")).error.code).toBe("password_change_required");
  socket.send({ t: "subscribe", id: 2, topic: "vm.state" });
  expect((await socket.next("refusal")).error.code).toBe("password_change_required");
  socket.socket.close();
  expect(fixture.ran).toEqual([]);
});

test("a file is a download with a harmless name", async () => {
  be({});
  const { response } = await call("GET", "/api/credits/ledger.csv");
  expect(response.headers.get("content-type")).toBe("text/csv; charset=utf-8");
  expect(response.headers.get("content-disposition")).toBe('attachment; filename="_led_ger_x_y.csv"');
  expect(response.headers.get("x-content-type-options")).toBe("nosniff");
  expect(await response.text()).toBe("a,b\r\n1,2\r\n");
});
