/** The images of a host as the driver sees them: which are there, how they come and go, and what `vagrant up` needs of one. */
import type { Clock } from "../../../core/clock.ts";
import type { Virsh } from "../../virsh/virsh.ts";
import type { DriverImage, DriverRun, ImageOrigin, ImageRef } from "../../vm-driver.ts";
import type { VagrantPlace } from "../run-vagrant.ts";
import type { InstalledBox } from "./installed-box.ts";

export interface BoxStoreOptions {
  /** `TWARGA_HOME/vms`. */
  readonly vmsDir: string;
  /** Where the lab box's build leaves its files. */
  readonly labBoxDir: string;
  readonly place: VagrantPlace;
  readonly virsh: Virsh;
  readonly clock: Clock;
}

export interface BoxStore {
  images(wanted: readonly ImageRef[]): Promise<readonly DriverImage[]>;
  addImage(image: ImageRef, origin: ImageOrigin, run: DriverRun): Promise<void>;
  removeImage(image: ImageRef, run: DriverRun): Promise<void>;
  /** Brings a box that is available to where Vagrant and QEMU find it. One at a time; repeated calls cost a few looks. */
  prepareBox(image: ImageRef, run: DriverRun): Promise<InstalledBox>;
}
