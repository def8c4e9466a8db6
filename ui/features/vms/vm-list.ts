/** The machines as this tab knows them, and every change of that knowledge as a pure function. */
import type { EventOf, SnapshotOf, VmAction, VmId, VmState, VmView } from "#protocol";

export interface VmList {
  /** Newest first, as the server last told. */
  readonly vms: readonly VmView[];
  readonly isLoaded: boolean;
  /** What a click should lead to, shown until the server confirms or refuses. */
  readonly expected: ReadonlyMap<VmId, VmState>;
}

export const emptyVmList: VmList = { vms: [], isLoaded: false, expected: new Map() };

const outcome = {
  start: "starting",
  stop: "stopping",
  restart: "restarting",
  destroy: "destroying",
} as const satisfies Record<VmAction, VmState>;

function newestFirst(vms: readonly VmView[]): readonly VmView[] {
  return [...vms].sort((a, b) => b.createdAtMs - a.createdAtMs || b.id - a.id);
}

function without(expected: VmList["expected"], vmId: VmId): VmList["expected"] {
  if (!expected.has(vmId)) return expected;
  const rest = new Map(expected);
  rest.delete(vmId);
  return rest;
}

function put(list: VmList, vm: VmView): VmList {
  const others = list.vms.filter((other) => other.id !== vm.id);
  return { ...list, vms: newestFirst([...others, vm]), expected: without(list.expected, vm.id) };
}

export function applyVmSnapshot(snapshot: SnapshotOf<"vm.state">): VmList {
  return { vms: newestFirst(snapshot.vms), isLoaded: true, expected: new Map() };
}

export function applyVmEvent(list: VmList, event: EventOf<"vm.state">): VmList {
  switch (event.kind) {
    case "changed":
      return put(list, event.vm);
    case "removed":
      return {
        ...list,
        vms: list.vms.filter((vm) => vm.id !== event.vmId),
        expected: without(list.expected, event.vmId),
      };
    default:
      return event satisfies never;
  }
}

/** Of another user's VM this list knows nothing, and must not learn of it by a click. */
export function expectAction(list: VmList, vmId: VmId, action: VmAction): VmList {
  if (!list.vms.some((vm) => vm.id === vmId)) return list;
  return { ...list, expected: new Map(list.expected).set(vmId, outcome[action]) };
}

/** The server took the action. An event that overtook its answer is newer and stays. */
export function confirmAction(list: VmList, vm: VmView): VmList {
  return list.expected.has(vm.id) ? put(list, vm) : list;
}

/** The server's answer to a change that nobody laid over the list; another user's VM stays out of it. */
export function takeAnswer(list: VmList, vm: VmView): VmList {
  return list.vms.some((known) => known.id === vm.id) ? put(list, vm) : list;
}

/** The server refused: everything is as it was. */
export function undoAction(list: VmList, vmId: VmId): VmList {
  return { ...list, expected: without(list.expected, vmId) };
}

/** A machine that was just ordered; its first event may have been faster. */
export function addCreated(list: VmList, vm: VmView): VmList {
  return list.vms.some((known) => known.id === vm.id) ? list : put(list, vm);
}

/** What the page shows: the server's word, with what clicks should lead to laid over it. */
export function shownVms(list: VmList): readonly VmView[] {
  if (list.expected.size === 0) return list.vms;
  return list.vms.map((vm) => {
    const state = list.expected.get(vm.id);
    return state ? { ...vm, state } : vm;
  });
}

export interface VmCount {
  readonly running: number;
  readonly changing: number;
  readonly stopped: number;
  readonly failed: number;
}

export function countVms(vms: readonly VmView[]): VmCount {
  const count = { running: 0, changing: 0, stopped: 0, failed: 0 };
  for (const { state } of vms) {
    if (state === "running" || state === "stopped") count[state] += 1;
    else if (state === "failed" || state === "unknown") count.failed += 1;
    else count.changing += 1;
  }
  return count;
}
