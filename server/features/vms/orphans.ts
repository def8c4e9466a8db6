/** VMs on the host that carry our name and that the database does not know: shown to administrators, never removed by the server itself. */
import type { UserId, VmId } from "#protocol";
import { AppError } from "../../core/errors.ts";
import type { ObservedVm, VmDriver, VmRef } from "../../drivers/vm-driver.ts";
import type { HostFacts } from "./host-facts.ts";
import type { VmRepo } from "./vm-repo.ts";

/** A machine that cannot be removed in this time needs somebody at the host. */
const REMOVE_MS = 120_000;

export class Orphans {
  readonly #driver: Pick<VmDriver, "destroy">;
  readonly #repo: VmRepo;
  readonly #facts: HostFacts;
  #last: readonly ObservedVm[] = [];

  constructor(driver: Pick<VmDriver, "destroy">, repo: VmRepo, facts: HostFacts) {
    this.#driver = driver;
    this.#repo = repo;
    this.#facts = facts;
  }

  /** True when the last look found a VM of this name that the database does not know. */
  isOne(ownerId: UserId, name: string): boolean {
    return this.#last.some(({ ref }) => ref.ownerId === ownerId && ref.name === name);
  }

  /** Of what was seen on the host; remembered. */
  among(seen: ReadonlyMap<VmId, ObservedVm> | null): readonly VmRef[] {
    const known = new Set(this.#repo.list(null).map((row) => row.id));
    this.#last = [...(seen?.values() ?? [])].filter(({ ref }) => !known.has(ref.vmId));
    return this.#last.map(({ ref }) => ref);
  }

  /** As the host is now. Throws `unavailable` without an answer. */
  async look(): Promise<readonly ObservedVm[]> {
    const seen = await this.#facts.all();
    if (seen === null) throw new AppError("unavailable", "The hypervisor does not answer");
    this.among(seen);
    return this.#last;
  }

  /** Removes one that is still there and still nobody's. `name` was typed by hand. */
  async remove(vmId: VmId, name: string): Promise<void> {
    const orphan = (await this.look()).find(({ ref }) => ref.vmId === vmId);
    if (!orphan) throw new AppError("not_found", "No such VM is left on the host");
    if (orphan.ref.name !== name)
      throw new AppError("invalid_input", `name must be the name of that VM: ${orphan.ref.name}`, {
        field: "name",
      });
    await this.#driver.destroy(orphan.ref, {
      signal: AbortSignal.timeout(REMOVE_MS),
      output: () => {},
      step: () => {},
      program: () => () => {},
    });
    this.#last = this.#last.filter(({ ref }) => ref.vmId !== vmId);
  }
}
