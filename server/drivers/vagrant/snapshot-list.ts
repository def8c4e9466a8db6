/** Snapshots of a VM as libvirt lists them, and which names may be ours. */
import { AppError } from "../../core/errors.ts";
import { isUnreachable } from "../virsh/virsh.ts";
import { explainFailure } from "../virsh/explain-failure.ts";
import type { Host } from "./host.ts";

const OURS = /^s[0-9]{1,15}$/;

/** Throws `invalid_input`: the name becomes an argument and part of an XML document. */
export function checkSnapshotName(name: string): string {
  if (!OURS.test(name)) throw new AppError("invalid_input", "Not a name for a snapshot");
  return name;
}

/** Libvirt takes a snapshot whole or not at all, so what it lists is whole. No domain has none. */
export async function snapshotNames(host: Host, domain: string): Promise<readonly string[]> {
  const answer = await host.domains.virsh.ask("snapshot-list", domain, "--name");
  if (isUnreachable(answer))
    throw new AppError("driver_failed", explainFailure(null, answer.stderr), { detail: answer.stderr });
  return answer.stdout
    .split("\n")
    .map((line) => line.trim())
    .filter((name) => OURS.test(name));
}
