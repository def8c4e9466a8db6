/** The server is killed in the middle of a create: after the next start nothing hangs, nothing is orphaned. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { type Client, createClient } from "#client";
import { callRest } from "../../server/cli/account/rest-call.ts";
import { noVagrant } from "../helpers/machine.ts";
import { startServer, type TestServer } from "../helpers/start-server.ts";
import { waitFor } from "../helpers/wait-for.ts";
import { freshName, PASSWORD, PATIENCE_MS } from "./page-actions.ts";
import { tracesOf } from "./traces.ts";

setDefaultTimeout(PATIENCE_MS);

const UNSETTLED = new Set(["pending", "starting", "stopping", "restarting", "destroying"]);

for (const { driver, missing, traces } of [
  { driver: "simulated", missing: null, traces: 1 },
  { driver: "vagrant", missing: noVagrant, traces: 3 },
] as const) {
  const why = missing === null ? "" : ` (skipped: ${missing})`;
  describe.skipIf(missing !== null)(
    `a kill in the middle of a create with the ${driver} driver${why}`,
    () => {
      const name = freshName("kill");
      let server: TestServer;
      let client: Client;

      beforeAll(async () => {
        server = await startServer({ driver });
        const { access_token: token } = await callRest(server.url, "auth.register", {
          username: "ada",
          password: PASSWORD,
        });
        client = createClient({
          url: `${server.url.replace(/^http/, "ws")}/ws`,
          token: () => token,
          checkPayloads: true,
        });
        client.connect();
        await waitFor("a connection", () => client.status.phase === "online", { timeoutMs: 30_000 });
      });

      afterAll(async () => {
        client?.close();
        await server?.dispose();
      });

      test("leaves a job that has ended and a VM that can be destroyed without a trace", async () => {
        const spec = { name, image: "lab", ramMb: 512, cpuCores: 1, diskGb: 10 };
        const { vm, jobId } = await client.request("vm.create", spec);
        // Late enough that there is something to orphan: with Vagrant its folder, its domain and its disk.
        await waitFor("the machine to exist", () => tracesOf(name, server.home, driver).length >= traces, {
          timeoutMs: 90_000,
          everyMs: 20,
        });
        expect((await client.request("job.get", { jobId })).job.state).toBe("running");
        await server.kill();
        await waitFor("the client to notice", () => client.status.phase !== "online", { timeoutMs: 30_000 });
        await server.start();
        client.wake();

        const { job } = await waitFor(
          "the job to be judged",
          async () => {
            const answer = await client.request("job.get", { jobId });
            return answer.job.endedAtMs === null ? null : answer;
          },
          { timeoutMs: 90_000, everyMs: 200 },
        );
        expect(["failed", "succeeded"]).toContain(job.state);
        const settled = await waitFor(
          "the VM to settle",
          async () => {
            const { vms } = await client.request("vm.list", {});
            const found = vms.find(({ id }) => id === vm.id);
            return found && UNSETTLED.has(found.state) ? null : { found };
          },
          { timeoutMs: 60_000, everyMs: 200 },
        );

        if (settled.found) {
          const destroyed = await client.request("vm.destroy", { vmId: vm.id });
          await waitFor(
            "it to be destroyed",
            async () => {
              const answer = await client.request("job.get", { jobId: destroyed.jobId });
              return answer.job.state === "succeeded";
            },
            { timeoutMs: 60_000, everyMs: 200 },
          );
        }
        expect((await client.request("vm.list", {})).vms).toEqual([]);
        expect((await client.request("job.list", { state: "running" })).jobs).toEqual([]);
        expect(tracesOf(name, server.home, driver)).toEqual([]);
      });
    },
  );
}
