/** Makes sure that libvirt has what every VM needs: the storage pool and the network, both running. */
import { join } from "node:path";
import type { Virsh, VirshAnswer } from "../virsh/virsh.ts";

/** vagrant-libvirt's default pool. */
export const POOL = "default";
const POOL_PATH = "/var/lib/libvirt/images";
/** vagrant-libvirt's default network; an existing one of that name is taken as it is. */
const NETWORK = "vagrant-libvirt";
const NETWORK_XML = join(import.meta.dir, "../../../vms/templates/network.xml");

export async function ensureStorageAndNetwork(virsh: Virsh): Promise<void> {
  await ensurePool(virsh);
  await ensureNetwork(virsh);
}

async function ensurePool(virsh: Virsh): Promise<void> {
  const info = await virsh.ask("pool-info", POOL);
  if (isOn(info, /^State:\s+running$/m)) return;
  if (!info.ok) {
    await virsh.run("pool-define-as", POOL, "dir", "--target", POOL_PATH);
    await virsh.run("pool-build", POOL);
  }
  await virsh.run("pool-start", POOL);
  await virsh.run("pool-autostart", POOL);
}

async function ensureNetwork(virsh: Virsh): Promise<void> {
  const info = await virsh.ask("net-info", NETWORK);
  if (isOn(info, /^Active:\s+yes$/m)) return;
  if (!info.ok) await virsh.run("net-define", NETWORK_XML);
  await virsh.run("net-start", NETWORK);
  await virsh.run("net-autostart", NETWORK);
}

const isOn = (info: VirshAnswer, sign: RegExp): boolean => info.ok && sign.test(info.stdout);
