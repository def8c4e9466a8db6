/** A container as a machine, from the command to the last byte of its terminal, on the real server. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import type { JobView, VmView } from "#protocol";
import { type Client, createClient } from "#client";
import { callRest } from "../../server/cli/account/rest-call.ts";
import { removeContainerStore } from "../helpers/container-store.ts";
import { noContainers as findProblem } from "../helpers/machine.ts";
import { startServer, type TestServer } from "../helpers/start-server.ts";
import { waitFor } from "../helpers/wait-for.ts";
import { freshName, PASSWORD, PATIENCE_MS } from "./page-actions.ts";

setDefaultTimeout(PATIENCE_MS);

const noContainers = findProblem();
const why = noContainers === null ? "" : ` (skipped: ${noContainers})`;
describe.skipIf(noContainers !== null)(`a container as a machine${why}`, () => {
  const name = freshName("box");
  let server: TestServer;
  let client: Client;
  let vm: VmView;

  const ended = (jobId: number): Promise<JobView> =>
    waitFor(
      "the job to end",
      async () => {
        const { job } = await client.request("job.get", { jobId });
        return job.endedAtMs === null ? null : job;
      },
      { timeoutMs: 60_000, everyMs: 100 },
    );

  beforeAll(async () => {
    server = await startServer({ driver: "container" });
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
    await waitFor("a connection", () => client.status.phase === "online");
  });

  afterAll(async () => {
    client?.close();
    await server?.stop();
    await removeContainerStore(join(server.home, "vms"));
    await server?.dispose();
  });

  test("is created within seconds, says so, and is charged", async () => {
    const made = await client.request("vm.create", {
      name,
      image: "lab",
      ramMb: 512,
      cpuCores: 1,
      diskGb: 10,
    });
    expect(await ended(made.jobId)).toMatchObject({ state: "succeeded" });
    vm = (await client.request("vm.get", { vmId: made.vm.id })).vm;
    expect(vm).toMatchObject({ state: "running", driver: "container" });
    expect((await client.request("credits.get", {})).credits.burnPerHour).toBe(2_100);
  });

  test("answers what is typed into its terminal", async () => {
    const { terminalId } = await client.request("terminal.open", { vmId: vm.id, cols: 80, rows: 24 });
    let text = "";
    const decoder = new TextDecoder();
    const take = (bytes: Uint8Array) => void (text += decoder.decode(bytes, { stream: true }));
    const terminal = client.attachTerminal(terminalId, { onOutput: take, onRestore: take });
    await waitFor("a prompt", () => /\$ ?$/.test(Bun.stripANSI(text).trimEnd() + " "), { timeoutMs: 20_000 });
    terminal.send(new TextEncoder().encode("echo $((6*7))-$(hostname)\r"));
    await waitFor("an answer", () => text.includes(`42-${name}`), { timeoutMs: 20_000 });
    terminal.dispose();
  });

  test("is measured, also after a restart of the server, which it outlives", async () => {
    const { startedAtMs } = (await client.request("vm.get", { vmId: vm.id })).vm;
    await server.kill();
    await waitFor("the client to notice", () => client.status.phase !== "online");
    await server.start();
    client.wake();
    await waitFor("a connection", () => client.status.phase === "online", { timeoutMs: 20_000 });
    expect((await client.request("vm.get", { vmId: vm.id })).vm).toMatchObject({
      state: "running",
      startedAtMs,
    });
    const current = await waitFor(
      "a sample",
      async () => (await client.request("metrics.vm", { vmId: vm.id })).current,
      { timeoutMs: 20_000, everyMs: 200 },
    );
    expect(current).toMatchObject({ memoryTotalBytes: 512 * 1024 ** 2 });
  });

  test("is explained request by request, and leaves nothing when it is destroyed", async () => {
    const { jobId } = await client.request("vm.destroy", { vmId: vm.id });
    expect(await ended(jobId)).toMatchObject({ state: "succeeded" });
    const { programs } = await client.request("job.get", { jobId });
    expect(programs.map(({ commandLine }) => commandLine).join("\n")).toContain("DELETE '/v1.41/containers/");
    expect((await client.request("vm.list", {})).vms).toEqual([]);
    expect((await client.request("credits.get", {})).credits).toMatchObject({ burnPerHour: 0, held: 0 });
  });
});
