/** The CLI against the real server, as scripts and as people use it. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { z } from "zod";
import { jobView, vmView } from "#protocol";
import { CliUser } from "../helpers/run-cli.ts";
import { startServer, type TestServer } from "../helpers/start-server.ts";
import { waitFor } from "../helpers/wait-for.ts";
import { freshName, PASSWORD, PATIENCE_MS } from "./page-actions.ts";

setDefaultTimeout(PATIENCE_MS);

const vmAnswer = z.object({ vm: vmView, job: jobView });

describe("twarga", () => {
  const name = freshName("cli");
  let server: TestServer;
  let ada: CliUser;

  beforeAll(async () => {
    server = await startServer({ driver: "simulated" });
    ada = new CliUser(server.url);
    const registered = await ada.run(["register", "ada", "--password-stdin"], `${PASSWORD}\n`);
    expect(registered.stderr).toBe("");
    const created = await ada.run(["vm", "create", name, "--json"]);
    expect(created.stderr).toBe("");
    expect(vmAnswer.parse(JSON.parse(created.stdout)).vm.state).toBe("running");
  });

  afterAll(async () => {
    ada?.dispose();
    await server?.dispose();
  });

  test("keeps the session where only its owner can read it", async () => {
    expect(await ada.json("whoami")).toMatchObject({ url: server.url, user: { username: "ada" } });
    const mode = Bun.spawnSync(["stat", "-c", "%a", `${ada.home}/.config/twarga/session.json`]).stdout;
    expect(mode.toString().trim()).toBe("600");
  });

  test("shows VMs as a table and as one JSON document", async () => {
    const { stdout } = await ada.run(["vm", "list"]);
    expect(stdout).toMatch(/^ID +NAME +STATE/);
    expect(stdout).toContain(name);
    const answer = z.object({ vms: z.array(vmView) }).parse(await ada.json("vm", "list"));
    expect(answer.vms.map((vm) => vm.name)).toEqual([name]);
    expect(await ada.json("image", "list")).toMatchObject({
      images: expect.arrayContaining([expect.objectContaining({ id: "lab" })]),
    });
  });

  test("waits for the work and shows its output, or returns at once", async () => {
    const stopped = await ada.run(["vm", "stop", name]);
    expect([stopped.exitCode, stopped.stdout.includes("stopped")]).toEqual([0, true]);
    expect(stopped.stderr).toMatch(/\S/);
    const again = await ada.run(["vm", "restart", name]);
    expect(again.exitCode).toBe(1);
    expect(again.stderr).toMatch(/^twarga: conflict: .+\n$/);
    const started = await ada.run(["vm", "start", name, "--no-wait", "--json"]);
    const { jobId } = z.object({ jobId: z.number() }).parse(JSON.parse(started.stdout));
    expect(await ada.json("job", "get", String(jobId))).toMatchObject({ job: { kind: "vm.start" } });
  });

  test("tells refusals, wrong usage and an absent server apart", async () => {
    const absent = new CliUser("http://127.0.0.1:9");
    const results = await Promise.all([
      ada.run(["vm", "get", "no-such-vm"]),
      ada.run(["call", "vm.get", '{"vmId":4242}']),
      ada.run(["vm", "create", "../x"]),
      ada.run(["vm", "frobnicate"]),
      ada.run(["call", "vm.explode"]),
      absent.run(["login", "ada", "--password-stdin"], PASSWORD),
      ada.run(["login", "ada", "--password-stdin"], "wrong password"),
      absent.run(["vm", "list"]),
    ]);
    absent.dispose();
    expect(results.map(({ exitCode }) => exitCode)).toEqual([1, 1, 1, 2, 2, 3, 1, 1]);
    expect(results[2]?.stderr).toContain("name");
    for (const { stdout } of results) expect(stdout).toBe("");
  });

  test("calls any command of the table", async () => {
    expect(await ada.json("call", "auth.me")).toMatchObject({ user: { username: "ada" } });
    const { stdout } = await ada.run(["call", "auth.me", "-"], "{}");
    expect(JSON.parse(stdout)).toMatchObject({ user: { username: "ada" } });
  });

  test("watches as JSON lines, and ends well when the reader has enough", async () => {
    const reader = Bun.spawn(
      ["sh", "-c", `"$0" "$1" watch --json | head -n 6`, process.execPath, "server/cli/main.ts"],
      {
        env: { PATH: process.env["PATH"] ?? "", HOME: ada.home, TWARGA_URL: server.url },
        stdout: "pipe",
        timeout: 30_000,
      },
    );
    const lines = (await new Response(reader.stdout).text()).trim().split("\n");
    const topics = lines.map((line) => z.object({ topic: z.string() }).parse(JSON.parse(line)).topic);
    expect(lines.length).toBe(6);
    expect(new Set(topics)).toContain("metrics.host");
    expect(await reader.exited).toBe(0);
  });

  test("watches as a live table in a terminal, and Ctrl-C leaves it", async () => {
    const terminal = ada.inTerminal(["watch"]);
    await terminal.until(new RegExp(`${name} +running`));
    await terminal.until(/host +cpu/);
    terminal.type("\u0003");
    expect(await terminal.exited).toBe(0);
    expect(terminal.output).toEndWith("\u001b[?1049l");
  });

  test("asks for the password without showing it", async () => {
    const bob = new CliUser(server.url);
    const terminal = bob.inTerminal(["login"]);
    await terminal.until(/Username: /);
    terminal.type("ada\r");
    await terminal.until(/Password: /);
    terminal.type(`${PASSWORD}x\u007f\r`);
    await terminal.until(/Logged in at .* as ada/);
    expect(await terminal.exited).toBe(0);
    expect(terminal.output).not.toContain(PASSWORD);
    bob.dispose();
  });

  test("gives a shell in the terminal: keys, colours, size, escape", async () => {
    const terminal = ada.inTerminal(["vm", "ssh", name]);
    await terminal.until(/[$#] *$/);
    terminal.type("uname -a\r");
    await terminal.until(/^Linux .*\d/m);
    terminal.resize(60, 20);
    // The new size travels beside the keys, so it is asked for until it has arrived.
    await waitFor(
      "the new size",
      () => {
        if (terminal.output.includes("size-20x60")) return true;
        terminal.type("echo size-$(stty size | tr ' ' x)\r");
        return false;
      },
      { timeoutMs: 30_000, everyMs: 300 },
    );
    terminal.type("\r~.");
    expect(await terminal.exited).toBe(0);
  });

  test("ends the shell session with the shell's own exit code, also when the keys come through a pipe", async () => {
    const terminal = ada.inTerminal(["vm", "ssh", name]);
    await terminal.until(/[$#] *$/);
    terminal.type("exit 7\r");
    expect(await terminal.exited).toBe(7);
    const piped = await ada.run(["vm", "ssh", name], "echo piped-$((40+2))\nexit 3\n");
    expect(piped.stdout).toContain("piped-42");
    expect(piped.exitCode).toBe(3);
  });

  test("destroys only after a yes, and --yes says it beforehand", async () => {
    const unasked = await ada.run(["vm", "destroy", name]);
    expect(unasked.exitCode).toBe(2);
    const terminal = ada.inTerminal(["vm", "destroy", name]);
    await terminal.until(/Destroy .*\[y\/N\]/);
    terminal.type("n\r");
    expect(await terminal.exited).not.toBe(0);
    const destroyed = await ada.run(["vm", "destroy", name, "--yes"]);
    expect([destroyed.exitCode, destroyed.stdout]).toEqual([0, `${name} is gone\n`]);
    expect(await ada.json("vm", "list")).toEqual({ vms: [] });
  });

  test("logs out for good", async () => {
    const session = await Bun.file(`${ada.home}/.config/twarga/session.json`).json();
    const { token } = z.object({ token: z.string() }).parse(session);
    expect((await ada.run(["logout"])).exitCode).toBe(0);
    expect((await ada.run(["vm", "list"])).stderr).toContain("unauthenticated");
    const reply = await fetch(`${server.url}/api/auth/me`, {
      headers: { authorization: `Bearer ${token}` },
    });
    expect(reply.status).toBe(401);
  });
});
