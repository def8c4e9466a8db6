/** The machines' store: what components see. */
import { beforeEach, describe, expect, test } from "bun:test";
import { createPinia, setActivePinia } from "pinia";
import { useVmsStore } from "../../../ui/features/vms/vms.store.ts";
import { vm } from "./vm-views.ts";

beforeEach(() => setActivePinia(createPinia()));

describe("the machines' store", () => {
  test("shows a click, its refusal and its success", () => {
    const store = useVmsStore();
    store.applySnapshot({ vms: [vm(1, { state: "running" })] });
    store.expect(vm(1).id, "stop");
    expect(store.find(1)?.state).toBe("stopping");
    expect(store.count.changing).toBe(1);
    store.undo(vm(1).id);
    expect(store.find(1)?.state).toBe("running");
    store.expect(vm(1).id, "stop");
    store.confirm(vm(1, { state: "stopping" }));
    store.applyEvent({ kind: "changed", vm: vm(1) });
    expect(store.find(1)?.state).toBe("stopped");
  });

  test("forgets everything when the person leaves", () => {
    const store = useVmsStore();
    store.applySnapshot({ vms: [vm(1)] });
    store.forget();
    expect(store.vms).toEqual([]);
    expect(store.isLoaded).toBe(false);
  });
});
