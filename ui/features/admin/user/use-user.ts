/** `useUser(id)`: one account with quota and VMs, and every change of it. */
import { onMounted, shallowRef } from "vue";
import { toast } from "vue-sonner";
import type { CommandOutput, CommandRequest } from "#protocol";
import { useClient } from "../../../shared/session/index.ts";
import { messageOf } from "../../../shared/format/message-of.ts";
import { useAdminDeeds } from "../use-admin-deeds.ts";

export type UserDetail = CommandOutput<"admin.user.get">;
export type UserChange = Omit<CommandRequest<"admin.user.update">, "userId">;

export function useUser(id: () => number) {
  const client = useClient();
  const { isBusy, attempt } = useAdminDeeds();
  const detail = shallowRef<UserDetail | null>(null);
  const refusal = shallowRef("");

  async function read(): Promise<void> {
    try {
      detail.value = await client.request("admin.user.get", { userId: id() });
      refusal.value = "";
    } catch (error) {
      refusal.value = messageOf(error);
    }
  }

  /** Does it, says so, and reads the account again; null when the server refused. */
  async function change<T>(deed: () => Promise<T>, done: string, failed: string): Promise<T | null> {
    const answer = await attempt(deed, failed);
    if (answer === null) return null;
    if (done !== "") toast.success(done);
    await read();
    return answer;
  }

  onMounted(read);
  return {
    detail,
    refusal,
    isBusy,
    read,
    change,
    update: (input: UserChange, done: string) =>
      change(
        () => client.request("admin.user.update", { userId: id(), ...input }),
        done,
        "Nothing was changed",
      ),
  };
}

export type UserDeeds = ReturnType<typeof useUser>;
