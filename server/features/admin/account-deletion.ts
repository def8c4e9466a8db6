/** Deleting an account: closed at once, removed when the last of its VMs is gone, whatever happens in between. */
import type { JobId, UserId, VmId, VmView } from "#protocol";
import { type Disposable, DisposableStack } from "../../core/disposable.ts";
import { AppError } from "../../core/errors.ts";
import type { AdminDeps } from "./deps.ts";
import { createPendingDeletions, type PendingDeletion } from "./pending-deletions.ts";

/** A VM that could not be destroyed is tried again after this; by then a host may have been repaired. */
const RETRY_MS = 15 * 60_000;

export interface AccountDeletion extends Disposable {
  /** Whether an account waits for its VMs to be gone. */
  isPending(userId: UserId): boolean;
  /** Destroys the VMs and removes the account after them; gives the jobs that began now. */
  destroyAll(deletion: PendingDeletion): JobId[];
  /** Goes on with what the last run of the server left. */
  resume(): void;
}

type Deps = Pick<AdminDeps, "db" | "bus" | "clock" | "log" | "accounts" | "vms" | "events">;

export function createAccountDeletion(deps: Deps): AccountDeletion {
  const { db, bus, clock, log, accounts, vms, events } = deps;
  const pending = createPendingDeletions(db);
  const triedAtMs = new Map<VmId, number>();
  const owned = new DisposableStack();

  function destroy(vm: VmView, actor: PendingDeletion["actor"]): JobId[] {
    const tried = triedAtMs.get(vm.id) ?? Number.NEGATIVE_INFINITY;
    if (vm.activeJobId !== null || clock.now() - tried < RETRY_MS) return [];
    try {
      const jobId = vms.act(vm.id, "destroy", actor);
      triedAtMs.set(vm.id, clock.now());
      return [jobId];
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      log.warn({ err: error, vmId: vm.id }, "a VM of an account to delete cannot be destroyed yet");
      return [];
    }
  }

  function finish({ userId, username, actor }: PendingDeletion): void {
    db.tx(() => {
      accounts.remove(userId);
      pending.remove(userId);
    });
    events.record({
      type: "admin",
      severity: "info",
      name: "account.deleted",
      message: `The account ${username} is deleted by ${actor.name}`,
      ownerId: userId,
      actor,
      targetName: username,
    });
  }

  function advance(deletion: PendingDeletion): JobId[] {
    const left = vms.ownedBy(deletion.userId);
    if (left.length > 0) return left.flatMap((vm) => destroy(vm, deletion.actor));
    finish(deletion);
    return [];
  }

  const resume = () => pending.all().forEach((deletion) => guarded(deletion));

  function guarded(deletion: PendingDeletion): void {
    try {
      advance(deletion);
    } catch (error) {
      log.error({ err: error, userId: deletion.userId }, "deletion of an account");
    }
  }

  /** After the tick: the VM's own transaction and its other listeners come first. */
  function later(userId: UserId): void {
    const deletion = pending.all().find((candidate) => candidate.userId === userId);
    if (deletion) queueMicrotask(() => pending.has(userId) && guarded(deletion));
  }

  owned.use(
    bus.on("vm.state", ({ to, data }) => {
      if (to.kind !== "owner" || !pending.has(to.ownerId)) return;
      if (data.kind === "removed" || data.vm.activeJobId === null) later(to.ownerId);
    }),
  );
  owned.use(clock.every(RETRY_MS, resume));

  return {
    isPending: (userId) => pending.has(userId),
    destroyAll(deletion) {
      db.tx(() => {
        accounts.update(deletion.userId, { active: false });
        pending.add(deletion);
      });
      return advance(deletion);
    },
    resume,
    dispose: () => owned.dispose(),
  };
}
