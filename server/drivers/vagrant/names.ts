/** What a VM is called on the host. Pure; every name is checked here again, whatever the caller has checked before. */
import { join } from "node:path";
import { userId, vmName } from "#protocol";
import { z } from "zod";
import { AppError } from "../../core/errors.ts";
import type { VmRef } from "../vm-driver.ts";

export interface DomainOwner {
  readonly ownerId: VmRef["ownerId"];
  readonly name: string;
}

const checkedRef = z.object({ ownerId: userId, name: vmName });

/** Throws `invalid_input`: a name that could mean something to a shell, a path or Ruby goes no further. */
export function checkRef(ref: VmRef): DomainOwner {
  const parsed = checkedRef.safeParse({ ownerId: ref.ownerId, name: ref.name });
  if (!parsed.success) throw new AppError("invalid_input", "Not a name for a VM", { field: "name" });
  return parsed.data;
}

export const domainPrefix = (instance: string, ref: VmRef): string =>
  `tw${instance}-user${checkRef(ref).ownerId}-`;

export const domainName = (instance: string, ref: VmRef): string =>
  domainPrefix(instance, ref) + checkRef(ref).name;

/** As vagrant-libvirt names the disk it makes for a domain. */
export const volumeName = (domain: string): string => `${domain}.img`;

export function folderOf(vmsDir: string, ref: VmRef): string {
  const { ownerId, name } = checkRef(ref);
  return join(vmsDir, `user${ownerId}-${name}`);
}

export const folderPattern = /^user\d+-[a-z][a-z0-9-]*$/;

/** Whose domain that is; null for every domain that is not of this installation. */
export function parseDomainName(instance: string, domain: string): DomainOwner | null {
  const match = /^tw([0-9a-f]{6})-user(\d+)-(.+)$/.exec(domain);
  if (match?.[1] !== instance) return null;
  const parsed = checkedRef.safeParse({ ownerId: Number(match[2]), name: match[3] });
  return parsed.success ? parsed.data : null;
}

/** Kept by libvirt with the domain: proof that it is ours, and the VM it belongs to, when its folder is lost. */
export const domainTitle = (instance: string, ref: VmRef): string =>
  `Twarga ${instance} VM ${Number(ref.vmId)}`;

/** The VM id in a title of this installation. */
export function parseDomainTitle(instance: string, title: string): number | null {
  const match = /^Twarga ([0-9a-f]{6}) VM (\d{1,15})$/.exec(title.trim());
  return match?.[1] === instance ? Number(match[2]) : null;
}
