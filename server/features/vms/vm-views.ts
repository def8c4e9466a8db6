/** From rows to what may be shown of them. */
import type { SnapshotView, VmId, VmView } from "#protocol";
import type { Clock } from "../../core/clock.ts";
import type { DriverInfo } from "../../drivers/vm-driver.ts";
import type { VmImages } from "./deps.ts";
import type { SnapshotRepo } from "./snapshot-repo.ts";
import { nextAct } from "./schedule/schedule-rules.ts";
import { foreignReason } from "./vm-view.ts";
import type { VmRow } from "./vm-row.ts";

interface ViewDeps {
  readonly driver: { readonly info: DriverInfo };
  readonly images: Pick<VmImages, "refOf">;
  readonly clock: Clock;
}

/** Who boxes let in when the image of a VM has left the catalogue. */
const USUAL_USER = "vagrant";

export class VmViews {
  readonly #deps: ViewDeps;
  readonly #snapshots: SnapshotRepo;

  constructor(deps: ViewDeps, snapshots: SnapshotRepo) {
    this.#deps = deps;
    this.#snapshots = snapshots;
  }

  of(row: VmRow): VmView {
    return this.#viewOf(row, this.#snapshots.of(row.id), this.#sshUserOf(row.image));
  }

  /** One query for the snapshots of all. */
  all(rows: readonly VmRow[]): VmView[] {
    const taken = Map.groupBy(this.#snapshots.ofAll(rows.map(({ id }) => id)), ({ vmId }): VmId => vmId);
    const users = new Map(
      [...new Set(rows.map(({ image }) => image))].map((id) => [id, this.#sshUserOf(id)]),
    );
    return rows.map((row) => this.#viewOf(row, taken.get(row.id) ?? [], users.get(row.image) ?? USUAL_USER));
  }

  #viewOf(row: VmRow, snapshots: SnapshotView[], sshUser: string): VmView {
    const { id, ownerId, ownerName, name, label, notes, tags, image, ramMb, cpuCores, diskGb } = row;
    const { driver, activeJobId, leaseEndsAtMs, schedule, createdAtMs } = row;
    const shown = {
      ...{ id, ownerId, ownerName, name, label, notes, tags, image, ramMb, cpuCores, diskGb },
      ...{ sshUser, driver, activeJobId, snapshots, leaseEndsAtMs, schedule, createdAtMs },
      nextScheduledAtMs: schedule && (nextAct(schedule, this.#deps.clock.now())?.atMs ?? null),
      hasStartupScript: row.startupScript !== "",
    };
    const foreign = foreignReason(row, this.#deps.driver.info);
    if (foreign !== null) {
      const error = { message: foreign, detail: "" };
      return { ...shown, state: "unknown", ip: null, startedAtMs: null, error };
    }
    const { state, ip, startedAtMs, errorMessage, errorDetail } = row;
    const error = errorMessage === null ? null : { message: errorMessage, detail: errorDetail ?? "" };
    return { ...shown, state, ip, startedAtMs, error };
  }

  #sshUserOf(image: string): string {
    try {
      return this.#deps.images.refOf(image).sshUser;
    } catch {
      return USUAL_USER;
    }
  }
}
