/** What the event feed tells of VMs: the end of every job, and what happened on the host behind our back. */
import { afterEach, beforeEach, expect, setDefaultTimeout, test } from "bun:test";
import { vmId as id } from "#protocol";
import type { Session } from "../../../server/core/caller.ts";
import { AppError } from "../../../server/core/errors.ts";
import { newsOfFact } from "../../../server/features/vms/vm-news.ts";
import { failing } from "./faulty-driver.ts";
import { launch, openCloud, type TestCloud } from "./test-cloud.ts";

// A busy machine lets these wait; what they check is no matter of time.
setDefaultTimeout(60_000);

let cloud: TestCloud;
let ada: Session;
beforeEach(() => {
  cloud = openCloud();
  ada = cloud.user("ada");
});
afterEach(() => cloud.close());

const told = async () =>
  (await cloud.call(ada, "event.list", { type: "vm" })).events.map(({ name, message }) => [name, message]);

test("the end of a job is told to the owner, with who asked when that was somebody else", async () => {
  const root = cloud.user("root", "admin");
  const { id: vmId } = await launch(cloud, ada);
  await cloud.jobEnd(root, (await cloud.call(root, "vm.stop", { vmId })).jobId);
  cloud.driver.before.set("start", failing(new AppError("driver_failed", "The pool is full")));
  await cloud.jobEnd(ada, (await cloud.call(ada, "vm.start", { vmId })).jobId);
  expect(await told()).toEqual([
    ["vm.started.failed", "web01 could not be started: The pool is full"],
    ["vm.stopped", "web01 was stopped by root"],
    ["vm.created", "web01 was created"],
  ]);
});

test("what is told outlives the VM", async () => {
  const { id: vmId } = await launch(cloud, ada);
  await cloud.jobEnd(ada, (await cloud.call(ada, "vm.destroy", { vmId })).jobId);
  expect(await told()).toEqual([
    ["vm.destroyed", "web01 was destroyed"],
    ["vm.created", "web01 was created"],
  ]);
});

test("a machine that is removed on the host is told as critical, and costs nothing any more", async () => {
  const { id: vmId } = await launch(cloud, ada);
  cloud.driver.tell({ ref: cloud.vms.find(ada, vmId).ref, state: "absent", ip: null });
  const [newest] = (await cloud.call(ada, "event.list", {})).events;
  expect(newest).toMatchObject({ name: "vm.host.removed", severity: "critical", vmId });
  expect(cloud.credits.viewOf(ada.userId).burnPerHour).toBe(0);
});

test("a change of the address alone is no news", () => {
  const vm = { id: id.parse(1), ownerId: ada.userId, name: "web01" };
  expect(newsOfFact(vm, "running", "running", null)).toBeNull();
  expect(newsOfFact(vm, "running", "stopped", null)?.name).toBe("vm.host.stopped");
  expect(newsOfFact(vm, "running", "stopped", "It crashed")?.name).toBe("vm.host.crashed");
});
