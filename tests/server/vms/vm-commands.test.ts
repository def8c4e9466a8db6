/** VM commands on the simulated driver: what is accepted, what is refused, and with which words. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { AppError } from "../../../server/core/errors.ts";
import { failing } from "./faulty-driver.ts";
import { lab, launch, openCloud, refusal, type TestCloud } from "./test-cloud.ts";

let cloud: TestCloud;
beforeEach(() => {
  cloud = openCloud();
});
afterEach(() => cloud.close());

describe("vm.create", () => {
  test("answers at once with a pending VM and its job, and boots it in the background", async () => {
    const ada = cloud.user("ada");
    const { vm, jobId } = await cloud.call(ada, "vm.create", { ...lab, name: "web01" });
    expect(vm).toMatchObject({ name: "web01", state: "pending", activeJobId: jobId, ownerName: "ada" });

    const job = await cloud.jobEnd(ada, jobId);
    expect(job).toMatchObject({ kind: "vm.create", state: "succeeded", progress: 1, targetName: "web01" });
    const booted = await cloud.vm(ada, vm.id);
    expect(booted).toMatchObject({ state: "running", activeJobId: null, error: null });
    expect(booted.ip).toMatch(/^198\.18\./);
    expect(booted.startedAtMs).not.toBeNull();
    expect(await cloud.onHost()).toEqual(["web01 running"]);
  });

  test("makes one VM of two creates with one name at once", async () => {
    const ada = cloud.user("ada");
    const both = await Promise.allSettled([
      cloud.call(ada, "vm.create", { ...lab, name: "web01" }),
      cloud.call(ada, "vm.create", { ...lab, name: "web01" }),
    ]);
    expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    expect((await cloud.call(ada, "vm.list", {})).vms).toHaveLength(1);
    expect((await cloud.call(ada, "job.list", {})).jobs).toHaveLength(1);
  });

  test("refuses a second VM of the same name, and lets another user have it", async () => {
    const ada = cloud.user("ada");
    await launch(cloud, ada);
    expect(await refusal(cloud.call(ada, "vm.create", { ...lab, name: "web01" }))).toEqual({
      code: "conflict",
      message: "You already have a VM named web01",
      field: "name",
    });
    expect(await launch(cloud, cloud.user("bob"))).toMatchObject({ name: "web01", state: "running" });
  });

  test("refuses an image that is not in the catalogue and says which are", async () => {
    const ada = cloud.user("ada");
    const refused = await refusal(cloud.call(ada, "vm.create", { ...lab, image: "windows", name: "web01" }));
    expect(refused).toMatchObject({ code: "invalid_input", field: "image" });
    expect(refused.message).toStartWith("There is no image windows; allowed: lab, debian-12");
    expect((await cloud.call(ada, "vm.list", {})).vms).toEqual([]);
  });

  test("refuses an image the driver cannot boot, with the hint what to do", async () => {
    cloud.clock.advance(60_000);
    cloud.driver.images = async () => [
      { id: "lab", available: false, sizeBytes: null, hint: "Build it: npm run box" },
    ];
    expect(await refusal(cloud.call(cloud.user("ada"), "vm.create", { ...lab, name: "web01" }))).toEqual({
      code: "invalid_input",
      message: "The image lab is not available here; none can be booted here yet. Build it: npm run box",
      field: "image",
    });
  });

  test("leaves nothing behind when it fails, and says why with what the tool printed", async () => {
    const ada = cloud.user("ada");
    const detail = "Call to virDomainCreate failed: no space left";
    // The machine is made and only then the driver fails: a driver that breaks its promise to clean up.
    cloud.driver.after.set(
      "create",
      failing(new AppError("driver_failed", "Vagrant could not boot it", { detail })),
    );
    const { vm, jobId } = await cloud.call(ada, "vm.create", { ...lab, name: "web01" });

    expect(await cloud.jobEnd(ada, jobId)).toMatchObject({
      state: "failed",
      error: { code: "driver_failed", message: "Vagrant could not boot it", detail },
    });
    expect(await cloud.vm(ada, vm.id)).toMatchObject({
      state: "failed",
      ip: null,
      activeJobId: null,
      error: { message: "Vagrant could not boot it", detail },
    });
    expect(await cloud.onHost()).toEqual([]);
    const start = await refusal(cloud.call(ada, "vm.start", { vmId: vm.id }));
    expect(start.message).toBe("This VM failed and cannot be used any more; destroy it and create it again");
  });

  test("says that cleaning up failed too, and a later destroy clears it", async () => {
    const ada = cloud.user("ada");
    cloud.driver.after.set("create", failing(new AppError("driver_failed", "No boot")));
    cloud.driver.before.set("destroy", failing(new Error("libvirt is gone")));
    const { vm, jobId } = await cloud.call(ada, "vm.create", { ...lab, name: "web01" });
    await cloud.jobEnd(ada, jobId);
    expect((await cloud.vm(ada, vm.id)).error).toEqual({
      message: "No boot",
      detail: "Cleaning up failed too: libvirt is gone",
    });
    cloud.driver.before.clear();
    const again = await cloud.call(ada, "vm.destroy", { vmId: vm.id });
    expect((await cloud.jobEnd(ada, again.jobId)).state).toBe("succeeded");
    expect(await cloud.onHost()).toEqual([]);
    expect((await cloud.call(ada, "vm.list", {})).vms).toEqual([]);
  });

  test("does not remove what was on the host under that name before", async () => {
    const ada = cloud.user("ada");
    cloud.driver.before.set(
      "create",
      failing(new AppError("conflict", "A machine named web01 is already there")),
    );
    const { jobId } = await cloud.call(ada, "vm.create", { ...lab, name: "web01" });
    await cloud.jobEnd(ada, jobId);
    expect(cloud.driver.calls).not.toContain("destroy");
  });

  test("keeps faults of the server out of what a user sees", async () => {
    const ada = cloud.user("ada");
    cloud.driver.before.set("create", failing(new Error("secret path /root/x")));
    const { jobId } = await cloud.call(ada, "vm.create", { ...lab, name: "web01" });
    expect((await cloud.jobEnd(ada, jobId)).error).toEqual({
      code: "internal",
      message: "Something went wrong on the server",
      detail: "",
    });
  });
});

describe("actions", () => {
  test("stop, start and restart lead where they say and tell it on the way", async () => {
    const ada = cloud.user("ada");
    const { id: vmId } = await launch(cloud, ada);
    cloud.heard.length = 0;

    const stop = await cloud.call(ada, "vm.stop", { vmId });
    expect(stop.vm.state).toBe("stopping");
    await cloud.jobEnd(ada, stop.jobId);
    expect(await cloud.vm(ada, vmId)).toMatchObject({ state: "stopped", ip: null, startedAtMs: null });

    const start = await cloud.call(ada, "vm.start", { vmId });
    expect(start.vm.state).toBe("starting");
    await cloud.jobEnd(ada, start.jobId);
    expect(await cloud.vm(ada, vmId)).toMatchObject({ state: "running", ip: "198.18.0.10" });

    const restart = await cloud.call(ada, "vm.restart", { vmId });
    expect(restart.vm.state).toBe("restarting");
    await cloud.jobEnd(ada, restart.jobId);

    const states = cloud.eventsOf("vm.state").map((event) => event.kind === "changed" && event.vm.state);
    expect(states).toEqual(["stopping", "stopped", "starting", "running", "restarting", "running"]);
  });

  test("destroy removes the machine, frees the name and tells that the VM is gone", async () => {
    const ada = cloud.user("ada");
    const { id: vmId } = await launch(cloud, ada);
    const { vm, jobId } = await cloud.call(ada, "vm.destroy", { vmId });
    expect(vm.state).toBe("destroying");
    await cloud.jobEnd(ada, jobId);

    expect(await cloud.onHost()).toEqual([]);
    expect((await refusal(cloud.vm(ada, vmId))).code).toBe("not_found");
    expect(cloud.eventsOf("vm.state").at(-1)).toEqual({ kind: "removed", vmId });
    expect(cloud.vms.ownerOf(vmId)).toBeNull();
    const next = await launch(cloud, ada);
    expect(next.id).not.toBe(vmId);
  });

  test("destroy during a create cancels it first and leaves nothing", async () => {
    const ada = cloud.user("ada");
    const create = await cloud.call(ada, "vm.create", { ...lab, name: "web01" });
    await cloud.until("the create to be under way", async () => {
      const { job } = await cloud.call(ada, "job.get", { jobId: create.jobId });
      return job.progress > 0.2;
    });
    const destroy = await cloud.call(ada, "vm.destroy", { vmId: create.vm.id });
    expect(destroy.vm).toMatchObject({ state: "destroying", activeJobId: destroy.jobId });

    expect((await cloud.jobEnd(ada, destroy.jobId)).state).toBe("succeeded");
    const cancelled = await cloud.jobEnd(ada, create.jobId);
    expect(cancelled).toMatchObject({
      state: "cancelled",
      error: { message: "Cancelled because the VM is being destroyed" },
    });
    expect(await cloud.onHost()).toEqual([]);
    expect((await cloud.call(ada, "vm.list", {})).vms).toEqual([]);
    const kinds = cloud
      .eventsOf("vm.state")
      .map((event) => (event.kind === "changed" ? event.vm.state : "removed"));
    expect(kinds).toEqual(["pending", "destroying", "removed"]);
  });

  test("a second action while a job works is refused in plain words", async () => {
    const ada = cloud.user("ada");
    const { id: vmId } = await launch(cloud, ada);
    await cloud.call(ada, "vm.stop", { vmId });
    expect(await refusal(cloud.call(ada, "vm.stop", { vmId }))).toMatchObject({
      code: "conflict",
      message: "This VM is already stopping",
    });
  });

  test("two different actions at once: one is accepted", async () => {
    const ada = cloud.user("ada");
    const { id: vmId } = await launch(cloud, ada);
    const both = await Promise.allSettled([
      cloud.call(ada, "vm.stop", { vmId }),
      cloud.call(ada, "vm.restart", { vmId }),
    ]);
    expect(both.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
  });

  test("a start that fails leaves the VM as the host shows it, with the reason", async () => {
    const ada = cloud.user("ada");
    const { id: vmId } = await launch(cloud, ada);
    await cloud.jobEnd(ada, (await cloud.call(ada, "vm.stop", { vmId })).jobId);
    cloud.driver.before.set(
      "start",
      failing(new AppError("driver_failed", "The boot failed", { detail: "qemu" })),
    );
    await cloud.jobEnd(ada, (await cloud.call(ada, "vm.start", { vmId })).jobId);
    expect(await cloud.vm(ada, vmId)).toMatchObject({
      state: "stopped",
      error: { message: "The boot failed", detail: "qemu" },
    });
  });

  test("a stop that fails while the hypervisor is silent leaves the state unknown until it answers", async () => {
    const ada = cloud.user("ada");
    const { id: vmId } = await launch(cloud, ada);
    cloud.driver.before.set("stop", failing(new AppError("driver_failed", "No connection to libvirt")));
    cloud.driver.before.set("inspect", failing(new Error("no connection")));
    await cloud.jobEnd(ada, (await cloud.call(ada, "vm.stop", { vmId })).jobId);
    expect(await cloud.vm(ada, vmId)).toMatchObject({
      state: "unknown",
      error: { message: "No connection to libvirt" },
    });

    cloud.driver.before.clear();
    await cloud.until("a second look", async () => (await cloud.vm(ada, vmId)).state === "running");
  });
});

describe("somebody else's VM", () => {
  test("answers every command exactly as one that does not exist", async () => {
    const ada = cloud.user("ada");
    const mallory = cloud.user("mallory");
    const { id: vmId } = await launch(cloud, ada);
    for (const name of ["vm.get", "vm.start", "vm.stop", "vm.restart", "vm.destroy"] as const) {
      const foreign = await refusal(cloud.call(mallory, name, { vmId }));
      const absent = await refusal(cloud.call(mallory, name, { vmId: 4711 }));
      expect(foreign).toEqual({ code: "not_found", message: "No such VM", field: undefined });
      expect(foreign).toEqual(absent);
    }
    expect(() => cloud.vms.find(mallory, vmId)).toThrow("No such VM");
    expect((await cloud.call(mallory, "vm.list", {})).vms).toEqual([]);
    expect(await cloud.onHost()).toEqual(["web01 running"]);
  });

  test("is heard of by its owner alone", async () => {
    const ada = cloud.user("ada");
    await launch(cloud, ada);
    const audiences = cloud.heard
      .filter(({ topic }) => topic !== "job.output" && topic !== "image.state")
      .map(({ to }) => to);
    expect(new Set(audiences.map((to) => JSON.stringify(to)))).toEqual(
      new Set([JSON.stringify({ kind: "owner", ownerId: ada.userId })]),
    );
  });
});

describe("facts from the host", () => {
  test("a VM that goes off by itself is shown as stopped, once", async () => {
    const ada = cloud.user("ada");
    const vm = await launch(cloud, ada);
    const { ref } = cloud.vms.find(ada, vm.id);
    cloud.heard.length = 0;
    for (let i = 0; i < 3; i++) cloud.driver.tell({ ref, state: "stopped", ip: null });

    expect(cloud.eventsOf("vm.state")).toHaveLength(1);
    expect(await cloud.vm(ada, vm.id)).toMatchObject({
      state: "stopped",
      ip: null,
      startedAtMs: null,
      error: null,
    });
    expect(await cloud.call(ada, "vm.start", { vmId: vm.id })).toMatchObject({ vm: { state: "starting" } });
  });

  test("a new address is shown", async () => {
    const ada = cloud.user("ada");
    const vm = await launch(cloud, ada);
    cloud.driver.tell({ ref: cloud.vms.find(ada, vm.id).ref, state: "running", ip: "198.18.9.9" });
    expect(await cloud.vm(ada, vm.id)).toMatchObject({ ip: "198.18.9.9", startedAtMs: vm.startedAtMs });
  });

  test("a VM that was removed on the host is failed and can only be destroyed", async () => {
    const ada = cloud.user("ada");
    const { id: vmId } = await launch(cloud, ada);
    cloud.driver.tell({ ref: cloud.vms.find(ada, vmId).ref, state: "absent", ip: null });
    expect((await cloud.vm(ada, vmId)).error?.message).toContain("no longer on the host");
    expect((await refusal(cloud.call(ada, "vm.restart", { vmId }))).code).toBe("conflict");
    await cloud.jobEnd(ada, (await cloud.call(ada, "vm.destroy", { vmId })).jobId);
    expect((await cloud.call(ada, "vm.list", {})).vms).toEqual([]);
  });

  test("what happens during a job counts when the job has ended", async () => {
    const ada = cloud.user("ada");
    const { id: vmId } = await launch(cloud, ada);
    const { ref } = cloud.vms.find(ada, vmId);
    const { jobId } = await cloud.call(ada, "vm.restart", { vmId });
    cloud.driver.after.set("restart", async () => {
      cloud.driver.tell({ ref, state: "crashed", ip: null });
    });
    await cloud.jobEnd(ada, jobId);
    expect(await cloud.vm(ada, vmId)).toMatchObject({
      state: "stopped",
      error: { message: expect.stringContaining("crashed") },
    });
  });
});
