/** Puts a user's keys into the VMs that run. VMs that are off or busy get them with their next start. */
import type { UserId, VmId } from "#protocol";
import type { Clock } from "../../../core/clock.ts";
import type { Log } from "../../../core/log.ts";
import type { VmDriver } from "../../../drivers/vm-driver.ts";
import type { VmRepo } from "../vm-repo.ts";
import { foreignReason, refOf } from "../vm-view.ts";
import type { SshKeyRepo } from "./ssh-key-repo.ts";
import type { VmRow } from "../vm-row.ts";

interface DeliveryDeps {
  readonly driver: Pick<VmDriver, "setSshKeys" | "info">;
  readonly clock: Clock;
  readonly log: Log;
  readonly repo: VmRepo;
  readonly keys: SshKeyRepo;
}

export class KeyDelivery {
  readonly #deps: DeliveryDeps;
  /** By user, since this process began: when the keys last changed. */
  readonly #changedAtMs = new Map<UserId, number>();
  /** One at a time for each VM, so that an older set never overtakes a newer one. */
  readonly #atWork = new Set<VmId>();
  readonly #again = new Set<VmId>();

  constructor(deps: DeliveryDeps) {
    this.#deps = deps;
  }

  /** The keys of this user are others now. */
  changed(userId: UserId): void {
    this.#changedAtMs.set(userId, this.#deps.clock.now());
    this.#deps.repo.list(userId).forEach((row) => this.put(row));
  }

  /** Puts them in when they changed while the VM was being made. */
  refresh(row: VmRow, sinceMs: number): void {
    if ((this.#changedAtMs.get(row.ownerId) ?? 0) >= sinceMs) this.put(row);
  }

  /** In the background: a VM that does not answer gets them with its next start. */
  put({ id }: Pick<VmRow, "id">): void {
    if (this.#atWork.has(id)) return void this.#again.add(id);
    this.#atWork.add(id);
    void this.#deliver(id).finally(() => {
      this.#atWork.delete(id);
      if (this.#again.delete(id)) this.put({ id });
    });
  }

  /** Never rejects. Keys are read last, so that the newest set is the one that stays. */
  async #deliver(vmId: VmId): Promise<void> {
    const { driver, keys, log, repo } = this.#deps;
    try {
      const row = repo.find(vmId);
      const isReachable = row?.state === "running" && row.activeJobId === null;
      if (!isReachable || foreignReason(row, driver.info) !== null) return;
      await driver.setSshKeys(refOf(row), keys.publicKeysOf(row.ownerId));
    } catch (error) {
      log.warn({ err: error, vmId }, "SSH keys could not be put into a VM; its next start tries again");
    }
  }
}
