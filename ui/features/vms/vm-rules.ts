/** Which actions a state allows, and why not, so that no button leads to a refusal. The server decides all the same. */
import type { VmAction, VmState } from "#protocol";

type Verdict = { readonly isAllowed: true } | { readonly isAllowed: false; readonly reason: string };

const yes: Verdict = { isAllowed: true };
const no = (reason: string): Verdict => ({ isAllowed: false, reason });

const busy: Partial<Record<VmState, string>> = {
  pending: "the machine is being created",
  starting: "the machine is starting",
  stopping: "the machine is stopping",
  restarting: "the machine is restarting",
  destroying: "the machine is being destroyed",
};

export function isBusy(state: VmState): boolean {
  return busy[state] !== undefined;
}

export function judgeAction(action: VmAction, state: VmState): Verdict {
  const reason = busy[state];
  if (reason) return no(reason);
  switch (action) {
    case "start":
      return state === "running" ? no("the machine is running already") : yes;
    case "stop":
    case "restart":
      return state === "running" ? yes : no("the machine is not running");
    case "destroy":
      return yes;
    default:
      return action satisfies never;
  }
}
