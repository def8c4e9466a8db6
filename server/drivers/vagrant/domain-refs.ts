/** Which VM a domain belongs to: by its folder, by memory while the folder is being removed, or by its title. */
import { userId, vmId } from "#protocol";
import type { VmRef } from "../vm-driver.ts";
import type { Host } from "./host.ts";
import { listFolders } from "./machine-folder.ts";
import { parseDomainName } from "./names.ts";

export class DomainRefs {
  readonly #known = new Map<string, VmRef>();

  constructor(private readonly host: Host) {}

  isOurs(domain: string): boolean {
    return parseDomainName(this.host.instance, domain) !== null;
  }

  /** Every domain seen so far and not forgotten. */
  get domains(): readonly string[] {
    return [...this.#known.keys()];
  }

  /** All machines that have a folder. */
  async fromFolders(): Promise<ReadonlyMap<string, VmRef>> {
    const found = new Map<string, VmRef>();
    for (const { domain, ref } of await listFolders(this.host.vmsDir)) {
      // A folder copied from another installation names a domain that is not ours to speak of.
      if (!this.isOurs(domain)) continue;
      found.set(domain, ref);
      this.#known.set(domain, ref);
    }
    return found;
  }

  remembered(domain: string): VmRef | null {
    return this.#known.get(domain) ?? null;
  }

  forget(domain: string): void {
    this.#known.delete(domain);
  }

  /** Null for every domain that is not of this installation. */
  async of(domain: string): Promise<VmRef | null> {
    const owner = parseDomainName(this.host.instance, domain);
    if (!owner) return null;
    const ref = (await this.fromFolders()).get(domain) ?? this.remembered(domain);
    if (ref) return ref;
    const id = await this.host.domains.vmIdOf(domain);
    if (id === null) return null;
    return { vmId: vmId.parse(id), ownerId: userId.parse(owner.ownerId), name: owner.name };
  }
}
