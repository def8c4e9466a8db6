/** Every command of administrators, over both faces, is closed to everybody else, and what administrators do is seen by the right people. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { commands, type EventView, isCommandName } from "#protocol";
import type { TestServer } from "../../helpers/start-server.ts";
import { waitFor } from "../../helpers/wait-for.ts";
import { ask, callRest, callSocket, enter, liveServer, type Person } from "./live-server.ts";

setDefaultTimeout(60_000);

const adminOnly = Object.keys(commands)
  .filter(isCommandName)
  .filter((name) => commands[name].access === "admin");

let server: TestServer;
let admin: Person;
let ada: Person;
beforeAll(async () => {
  server = await liveServer();
  admin = await enter(server, "admin");
  ada = await enter(server, "ada");
});
afterAll(async () => {
  for (const person of [admin, ada]) person?.client.close();
  await server?.dispose();
});

test("there are commands of administrators, all with a path", () => {
  expect(adminOnly.length).toBeGreaterThan(20);
  expect(adminOnly.filter((name) => commands[name].rest === undefined)).toEqual([]);
});

describe("a user is refused", () => {
  test.each(adminOnly)("%s over REST", async (name) => {
    const rest = await callRest(server, ada.token, name);
    expect([rest.status, rest.error]).toEqual([403, "forbidden"]);
    expect(rest.text).not.toMatch(/\/home|\/tmp|at \w+ \(/);
  });

  test("all of them over the socket", async () => {
    const codes = await callSocket(server, ada.token, adminOnly);
    expect([...codes]).toEqual(adminOnly.map((name) => [name, "forbidden"]));
  });

  test("and a stranger is asked to log in", async () => {
    for (const name of adminOnly) {
      const { status, error } = await callRest(server, "no-token", name);
      expect([name, status, error]).toEqual([name, 401, "unauthenticated"]);
    }
  });

  test("and the administrator hears of every attempt once", async () => {
    const { events } = await ask(admin, "event.list", { type: "security", limit: 200 });
    const tried = events
      .filter(({ name }) => name === "admin.refused")
      .map(({ message }) => message.split(" ")[2]);
    expect(tried.toSorted()).toEqual(adminOnly.map((name) => `${name},`).toSorted());
    const { entries } = await ask(admin, "audit.list", { limit: 200 });
    const writes = adminOnly.filter((name) => commands[name].effect === "write");
    const refused = entries.filter(({ outcome }) => outcome === "forbidden");
    expect(refused.map(({ action }) => action).toSorted()).toEqual([...writes].toSorted());
  });

  test("and nothing has changed", async () => {
    const { users } = await ask(admin, "admin.user.list", {});
    expect(users.map(({ username, active, role }) => [username, active, role])).toEqual([
      ["ada", true, "user"],
      ["admin", true, "admin"],
    ]);
    expect(await ask(admin, "admin.settings.get", {})).toMatchObject({ settings: { registration: "open" } });
  });
});

describe("the live feed", () => {
  test("brings own events to a user, everybody's and the host's to administrators", async () => {
    const heard = { ada: [] as EventView[], own: [] as EventView[], all: [] as EventView[] };
    const into = (list: EventView[]) => ({
      onSnapshot: () => undefined,
      onEvent: ({ events }: { events: EventView[] }) => void list.push(...events),
    });
    const stops = [
      ada.client.subscribe("event.feed", into(heard.ada)),
      admin.client.subscribe("event.feed", into(heard.own)),
      admin.client.subscribe("event.feed", { ...into(heard.all), key: "all" }),
    ];
    const { users } = await ask(admin, "admin.user.list", { search: "ada" });
    const userId = users[0]?.id;
    if (userId === undefined) throw new Error("ada is not there");
    await ask(admin, "admin.user.update", { userId, className: "10 B", quota: { vms: 4 } });
    await ask(admin, "admin.settings.update", { startCredits: 7 });
    await waitFor("both events", () => heard.all.length >= 2 && heard.ada.length >= 1);
    expect(heard.all.map(({ name }) => name)).toEqual(["account.changed", "settings.changed"]);
    expect(heard.ada.map(({ name }) => name)).toEqual(["account.changed"]);
    expect(heard.own).toEqual([]);
    for (const stop of stops) stop();
  });
});

test("the audit log leaves over REST as a file", async () => {
  const { status, text } = await callRest(server, admin.token, "audit.export");
  expect(status).toBe(200);
  expect(text.split("\r\n")[0]).toBe("id,time,actor,action,target,target_id,outcome,address,input");
});
