/** Events: who sees which, how they are found, and that a failing log fails nothing else. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import type { BusEvent } from "../../../server/core/bus.ts";
import type { Session } from "../../../server/core/caller.ts";
import type { NewEvent } from "../../../server/core/event-log.ts";
import { type AdminCloud, openAdminCloud } from "../admin/admin-cloud.ts";

let cloud: AdminCloud;
let ada: Session;
let bob: Session;
beforeEach(() => {
  cloud = openAdminCloud();
  ada = cloud.person("ada");
  bob = cloud.person("bob");
});
afterEach(() => cloud.close());

function record(event: Partial<NewEvent> = {}) {
  cloud.events.log.record({
    ...{ type: "vm", severity: "info", name: "vm.started", message: "web01 runs", ownerId: ada.userId },
    ...event,
  });
}
const messages = async (by: Session, input: object = {}) =>
  (await cloud.ok(by, "event.list", input)).events.map(({ message }) => message);

describe("an event", () => {
  test("is seen by its owner and by administrators, the host's own by administrators alone", async () => {
    record({ message: "of ada" });
    record({ message: "of bob", ownerId: bob.userId });
    record({ message: "of the host", ownerId: null, type: "system" });
    expect(await messages(ada)).toEqual(["of ada"]);
    expect(await messages(bob)).toEqual(["of bob"]);
    expect(await messages(cloud.root)).toEqual(["of the host", "of bob", "of ada"]);
  });

  test("goes out at once, as it is stored, to exactly those who see it", async () => {
    const heard: BusEvent[] = [];
    cloud.bus.onAny((event) => heard.push(event));
    record({ actor: { id: bob.userId, name: "bob" }, remoteAddress: "10.1.1.1" });
    record({ ownerId: null });
    const { events } = await cloud.ok(cloud.root, "event.list", {});
    expect(heard).toEqual([
      { topic: "event.feed", to: { kind: "owner", ownerId: ada.userId }, data: { events: [events[1]] } },
      { topic: "event.feed", to: { kind: "all" }, data: { events: [events[0]] } },
    ] as never);
    expect(events[1]).toMatchObject({ actorName: "bob", remoteAddress: "10.1.1.1", vmId: null });
  });

  test("is in the snapshot among the newest 50 of the same people", () => {
    for (let n = 0; n < 60; n += 1)
      record({ message: `event ${n}`, ownerId: n % 2 === 0 ? ada.userId : null });
    const topic = cloud.topics.get("event.feed");
    const everything = topic?.snapshot({ session: cloud.root, ownerId: null, key: "" });
    expect(everything).toMatchObject({ events: { length: 50, 0: { message: "event 59" } } });
    const own = topic?.snapshot({ session: ada, ownerId: ada.userId, key: "" });
    expect(own).toMatchObject({ events: { length: 30, 0: { message: "event 58" } } });
  });

  test("that cannot be stored throws nothing", () => {
    cloud.db.sqlite.run("drop table events");
    expect(() => record()).not.toThrow();
  });

  test("outlives its user and VM", async () => {
    const vm = { id: cloud.vms.add(ada.userId, "web01"), name: "web01" };
    record({ vm });
    cloud.vms.end(vm.id, "gone");
    await cloud.ok(cloud.root, "admin.user.delete", { userId: ada.userId, vms: "destroy" });
    const { events } = await cloud.ok(cloud.root, "event.list", { vmId: vm.id });
    expect(events).toMatchObject([{ message: "web01 runs", targetName: "web01", ownerId: ada.userId }]);
  });
});

describe("the list of events", () => {
  test("filters by type, severity, VM and time", async () => {
    record({ type: "auth", message: "one" });
    cloud.clock.advance(1_000);
    const at = cloud.clock.now();
    record({ severity: "critical", message: "two" });
    cloud.clock.advance(1_000);
    record({ vm: { id: cloud.vms.add(ada.userId, "web01"), name: "web01" }, message: "three" });
    expect(await messages(ada, { type: "auth" })).toEqual(["one"]);
    expect(await messages(ada, { severity: "critical" })).toEqual(["two"]);
    expect(await messages(ada, { vmId: 1 })).toEqual(["three"]);
    expect(await messages(ada, { fromMs: at })).toEqual(["three", "two"]);
    expect(await messages(ada, { toMs: at })).toEqual(["two", "one"]);
    expect(await messages(ada, { fromMs: at, toMs: at })).toEqual(["two"]);
  });

  test.each([
    ["50%", ["50% used"]],
    ["_", ["a_b"]],
    ["\\", ["back\\slash"]],
    ["WEB", ["web01 runs"]],
    ["' or 1=1 --", []],
    ["", ["web01 runs", "back\\slash", "a_b", "50% used"]],
  ])("searches %p literally", async (search, found) => {
    for (const message of ["50% used", "a_b", "back\\slash", "web01 runs"]) record({ message, name: "x" });
    expect(await messages(ada, { search })).toEqual(found);
  });

  test("pages through everything once while new events arrive", async () => {
    for (let n = 0; n < 25; n += 1) record({ message: `event ${n}` });
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await cloud.ok(ada, "event.list", { limit: 10, ...(cursor && { cursor }) });
      seen.push(...page.events.map(({ message }) => message));
      cursor = page.nextCursor ?? undefined;
      record({ message: "newer" });
    } while (cursor !== undefined);
    expect(seen).toEqual(Array.from({ length: 25 }, (_, n) => `event ${24 - n}`));
  });

  test("refuses a cursor of another user, also of a former administrator's view", async () => {
    for (let n = 0; n < 4; n += 1) record();
    const { nextCursor } = await cloud.ok(cloud.root, "event.list", { limit: 2 });
    for (const by of [ada, { ...cloud.root, role: "user" as const }])
      expect(await cloud.refused(by, "event.list", { limit: 2, cursor: nextCursor })).toMatchObject({
        code: "invalid_input",
        field: "cursor",
      });
  });
});
