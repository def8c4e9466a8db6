/** `twarga vm`, `job` and `ssh-key` against a real server: what a person types, and what a script reads. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { jobView, snapshotView, sshKeyView, vmView } from "#protocol";
import { z } from "zod";
import { CliUser } from "../helpers/run-cli.ts";
import { ADMIN_PASSWORD, TestServer } from "../helpers/start-server.ts";

const TIMEOUT_MS = 120_000;
const PASSWORD = "a password of the test";
const KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAHMpepQgpBYm1ILeuBIL5Ct4IC31yEiomQ0BzbIJ2CG ada@home";

const server = new TestServer({ driver: "simulated" });
let admin: CliUser;
let ada: CliUser;

beforeAll(async () => {
  await server.start();
  admin = new CliUser(server.url);
  ada = new CliUser(server.url);
  expect((await admin.run(["login", "admin", "--password-stdin"], `${ADMIN_PASSWORD}\n`)).stderr).toBe("");
  expect((await ada.run(["register", "ada", "--password-stdin"], `${PASSWORD}\n`)).stderr).toBe("");
}, TIMEOUT_MS);

afterAll(async () => {
  admin?.dispose();
  ada?.dispose();
  await server.dispose();
});

const one = z.object({ vm: vmView });
const worked = one.extend({ job: jobView });
const taken = z.object({ snapshots: z.array(snapshotView), job: jobView });

test(
  "a VM is made with key, script, label, tags and lease, and changed in every way",
  async () => {
    writeFileSync(join(ada.home, "id.pub"), `${KEY}\n`);
    writeFileSync(join(ada.home, "setup.sh"), "#!/bin/sh\necho hello from the script\n");
    const options = ["--label", "My web", "--tag", "exam", "--tag", "web", "--lease", "48"];
    const files = ["--ssh-key", "id.pub", "--startup-script", "setup.sh"];
    const { vm } = worked.parse(await ada.json("vm", "create", "web01", ...options, ...files));
    expect(vm).toMatchObject({
      label: "My web",
      tags: ["exam", "web"],
      state: "running",
      hasStartupScript: true,
    });
    expect(vm.leaseEndsAtMs).toBeGreaterThan(Date.now());
    const { keys } = z.object({ keys: z.array(sshKeyView) }).parse(await ada.json("ssh-key", "list"));
    expect(keys).toMatchObject([{ name: "id", type: "ssh-ed25519" }]);
    expect((await ada.run(["vm", "startup", "web01"])).stdout).toContain("It ended with 0");

    await ada.json("vm", "snapshot", "create", "web01", "before", "--description", "clean");
    expect((await ada.run(["vm", "snapshot", "list", "web01"])).stdout).toContain("before");
    await ada.json("vm", "stop", "web01");
    const cloned = worked.parse(await ada.json("vm", "clone", "web01", "web02"));
    expect(cloned.vm).toMatchObject({ name: "web02", state: "running" });
    await ada.json("vm", "snapshot", "restore", "web01", "before", "--yes");
    const { snapshots } = taken.parse(await ada.json("vm", "snapshot", "delete", "web01", "before", "--yes"));
    expect(snapshots).toEqual([]);
    await ada.run(["vm", "stop", "web01"]);
    const resized = worked.parse(await ada.json("vm", "resize", "web01", "--ram", "1024", "--disk", "20"));
    expect(resized.vm).toMatchObject({ ramMb: 1024, diskGb: 20, state: "stopped" });
    const scheduled = ["--stop-at", "18:00", "--days", "1,2,3,4,5", "--zone", "Europe/Berlin"];
    const updated = one.parse(await ada.json("vm", "update", "web01", "--no-tags", ...scheduled));
    expect(updated.vm).toMatchObject({ tags: [], schedule: { stopAt: "18:00", timeZone: "Europe/Berlin" } });
    expect(one.parse(await ada.json("vm", "lease", "web01", "none")).vm.leaseEndsAtMs).toBeNull();
    const rebuilt = worked.parse(await ada.json("vm", "rebuild", "web01", "--image", "debian-12", "--yes"));
    expect(rebuilt.vm).toMatchObject({ image: "debian-12", state: "running" });
  },
  TIMEOUT_MS,
);

test(
  "what is refused ends with 1, what is typed wrongly with 2, and nothing is lost unasked",
  async () => {
    const refused = await ada.run(["vm", "resize", "web01", "--ram", "2048"]);
    expect([refused.exitCode, refused.stderr]).toEqual([
      1,
      "twarga: conflict: This VM is running; stop it first, only a stopped VM gets another size\n",
    ]);
    expect((await ada.run(["vm", "rebuild", "web01"])).exitCode).toBe(2);
    expect((await ada.run(["vm", "lease", "web01", "soon"])).exitCode).toBe(2);
    writeFileSync(join(ada.home, "id"), "-----BEGIN OPENSSH PRIVATE KEY-----\n");
    const secret = await ada.run(["ssh-key", "add", "id"]);
    expect([secret.exitCode, secret.stderr]).toEqual([2, expect.stringContaining("is a private key")]);
  },
  TIMEOUT_MS,
);

test(
  "an administrator sees whose VMs there are, stops one of another user and waits for its end",
  async () => {
    const all = await admin.run(["admin", "vms", "--search", "web"]);
    expect(all.stdout).toMatch(/ada\s+web01/);
    const page = z
      .object({ vms: z.array(vmView) })
      .parse(await admin.json("admin", "vms", "--state", "running"));
    const [first] = page.vms;
    const stopped = await admin.run(["vm", "stop", String(first?.id)]);
    expect([stopped.exitCode, stopped.stdout]).toEqual([0, expect.stringContaining("stopped")]);
    expect((await admin.run(["admin", "stop-all", "--yes"])).exitCode).toBe(0);
    expect((await admin.run(["admin", "orphans"])).stdout).toBe("Everything on the host is known\n");
    expect((await ada.run(["vm", "bulk", "destroy", "web01", "web02", "--yes"])).exitCode).toBe(0);
  },
  TIMEOUT_MS,
);
