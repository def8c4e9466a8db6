/** `sshkey.*`: the caller's public keys, which open the caller's VMs. */
import { defineCommand } from "../../../core/command.ts";
import { parseKey } from "../ssh-keys/key-blob.ts";
import type { VmCommandDeps } from "../command-deps.ts";

export const listSshKeys = defineCommand("sshkey.list", (_input, { session }, { keys }: VmCommandDeps) => ({
  keys: keys.list(session.userId),
}));

export const addSshKey = defineCommand(
  "sshkey.add",
  ({ name, publicKey }, { session }, { keys, delivery, clock }: VmCommandDeps) => {
    const key = keys.add(session.userId, name, parseKey(publicKey), clock.now());
    delivery.changed(session.userId);
    return { key };
  },
);

export const removeSshKey = defineCommand(
  "sshkey.remove",
  ({ sshKeyId }, { session }, { keys, delivery }: VmCommandDeps) => {
    keys.remove(session.userId, sshKeyId);
    delivery.changed(session.userId);
    return {};
  },
);
