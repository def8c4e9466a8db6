/** A VM by its name or its id, as a person writes it. */
import type { Client } from "#client";
import { type VmView, vmId } from "#protocol";
import { CliError } from "../exit.ts";

export async function findVm(client: Client, nameOrId: string): Promise<VmView> {
  // Names start with a letter, so digits can only be an id.
  if (/^\d+$/.test(nameOrId)) {
    const id = vmId.safeParse(Number(nameOrId));
    if (!id.success) throw noSuchVm(nameOrId);
    return (await client.request("vm.get", { vmId: id.data })).vm;
  }
  const { vms } = await client.request("vm.list", {});
  const vm = vms.find(({ name }) => name === nameOrId);
  if (!vm) throw noSuchVm(nameOrId);
  return vm;
}

function noSuchVm(nameOrId: string): CliError {
  return new CliError("not_found", `No such VM: ${nameOrId}`);
}
