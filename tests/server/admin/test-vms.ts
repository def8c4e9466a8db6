/** VMs as administration sees them, on the same table; jobs end when the test says so. */
import { and, eq, isNull } from "drizzle-orm";
import {
  jobId,
  type JobId,
  type UserId,
  type VmAction,
  type VmId,
  type VmState,
  type VmView,
} from "#protocol";
import type { Db } from "../../../db/client.ts";
import { vms } from "../../../db/schema/index.ts";
import type { Bus } from "../../../server/core/bus.ts";
import { AppError } from "../../../server/core/errors.ts";
import type { VmAdmin } from "../../../server/core/vm-admin.ts";
import { vmOf } from "../gateway/fixture.ts";

export class TestVms implements VmAdmin {
  readonly acted: { vmId: VmId; action: VmAction }[] = [];
  /** VMs that refuse whatever is asked. */
  readonly busy = new Set<VmId>();
  #jobs = 0;

  constructor(
    private readonly db: Db,
    private readonly bus: Bus,
  ) {}

  add(ownerId: UserId, name: string, state: VmState = "running"): VmId {
    const size = { image: "lab", ramMb: 512, cpuCores: 1, diskGb: 10, driver: "simulated" as const };
    const values = { ownerId, name, state, createdAtMs: 1, ...size };
    return this.db.orm.insert(vms).values(values).returning({ id: vms.id }).get().id;
  }

  act(vmId: VmId, action: VmAction): JobId {
    if (this.busy.has(vmId)) throw new AppError("conflict", "It is busy");
    this.acted.push({ vmId, action });
    this.#jobs += 1;
    const activeJobId = jobId.parse(this.#jobs);
    this.db.orm.update(vms).set({ activeJobId }).where(eq(vms.id, vmId)).run();
    return activeJobId;
  }

  /** The job of a VM ends: well, or with the VM as it was. */
  end(vmId: VmId, outcome: "gone" | "failed"): void {
    const change = outcome === "gone" ? { destroyedAtMs: 2, activeJobId: null } : { activeJobId: null };
    const row = this.db.orm.update(vms).set(change).where(eq(vms.id, vmId)).returning().get();
    const to = { kind: "owner", ownerId: row.ownerId } as const;
    if (outcome === "gone") this.bus.publish("vm.state", to, { kind: "removed", vmId });
    else this.bus.publish("vm.state", to, { kind: "changed", vm: this.#view(row) });
  }

  ownedBy(ownerId: UserId): VmView[] {
    const mine = and(eq(vms.ownerId, ownerId), isNull(vms.destroyedAtMs));
    return this.db.orm
      .select()
      .from(vms)
      .where(mine)
      .all()
      .map((row) => this.#view(row));
  }

  running(): VmView[] {
    return this.db.orm
      .select()
      .from(vms)
      .where(eq(vms.state, "running"))
      .all()
      .map((row) => this.#view(row));
  }

  transfer(from: UserId, to: UserId): void {
    const names = new Set(this.ownedBy(to).map(({ name }) => name));
    const twin = this.ownedBy(from).find(({ name }) => names.has(name));
    if (twin) throw new AppError("conflict", `Both have a VM ${twin.name}`);
    this.db.orm.update(vms).set({ ownerId: to }).where(eq(vms.ownerId, from)).run();
  }

  #view(row: typeof vms.$inferSelect): VmView {
    return {
      ...vmOf(row.id, { id: row.ownerId, name: "owner" }),
      name: row.name,
      state: row.state,
      activeJobId: row.activeJobId,
    };
  }
}
