/** Deleting a user with VMs goes on to its end through kills of the server. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { Database } from "bun:sqlite";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { TestServer } from "../../helpers/start-server.ts";
import { waitFor } from "../../helpers/wait-for.ts";
import { ask, enter, liveServer } from "./live-server.ts";

setDefaultTimeout(120_000);

let server: TestServer;
beforeAll(async () => void (server = await liveServer()));
afterAll(() => server?.dispose());

test("a user is deleted with all VMs although the server is killed in the midst of it", async () => {
  const ada = await enter(server, "ada");
  const size = { image: "lab", ramMb: 512, cpuCores: 1, diskGb: 10 };
  for (const name of ["web01", "web02"]) await ask(ada, "vm.create", { ...size, name });
  await waitFor(
    "both VMs",
    async () => (await ask(ada, "vm.list", {})).vms.every(({ state }) => state === "running"),
    {
      timeoutMs: 60_000,
    },
  );
  const admin = await enter(server, "admin");
  const { users } = await ask(admin, "admin.user.list", { search: "ada" });
  const [user] = users;
  if (!user) throw new Error("ada is not there");
  const { jobIds } = await ask(admin, "admin.user.delete", { userId: user.id, vms: "destroy" });
  expect(jobIds).toHaveLength(2);
  expect(await ask(admin, "admin.user.list", { search: "ada" })).toMatchObject({
    users: [{ active: false }],
  });
  await waitFor("ada to be thrown out", () => ada.client.status.phase !== "online");
  ada.client.close();
  admin.client.close();
  await server.kill();
  await server.start();

  const again = await enter(server, "admin");
  await waitFor(
    "ada to be gone",
    async () => (await ask(again, "admin.user.list", { search: "ada" })).total === 0,
    {
      timeoutMs: 60_000,
      everyMs: 100,
    },
  );
  expect((await ask(again, "admin.vm.list", {})).vms).toEqual([]);
  const { events } = await ask(again, "event.list", { search: "ada" });
  expect(events.map(({ name }) => name)).toContain("account.deleted");
  again.client.close();
  await server.stop();

  const db = new Database(join(server.home, "db", "twarga.sqlite"), { readonly: true });
  expect(db.query("select count(*) as n from settings where key like 'account.deletion%'").get()).toEqual({
    n: 0,
  });
  expect(db.query("select sum(held) as held from credit_accounts").get()).toEqual({ held: 0 });
  expect(db.query("select count(*) as n from ledger where user_id = ?").get(user.id)).not.toEqual({ n: 0 });
  db.close();
  expect(readdirSync(join(server.home, "vms")).filter((name) => name.startsWith(`user${user.id}-`))).toEqual(
    [],
  );
});
