/** `useOwnList()`: a short list of the account, read when its panel opens and again after each change. */
import { onMounted, shallowRef } from "vue";
import { toast } from "vue-sonner";
import { messageOf } from "../../shared/format/message-of.ts";

export function useOwnList<T>(read: () => Promise<readonly T[]>) {
  /** Null until it is here. */
  const items = shallowRef<readonly T[] | null>(null);
  const refusal = shallowRef("");

  async function reload(): Promise<void> {
    try {
      items.value = await read();
      refusal.value = "";
    } catch (error) {
      refusal.value = messageOf(error);
    }
  }

  /** Does it, says so, and reads the list again; false, with a word, when the server refuses. */
  async function change(deed: () => Promise<unknown>, done: string, failed: string): Promise<boolean> {
    try {
      await deed();
    } catch (error) {
      toast.error(failed, { description: messageOf(error) });
      return false;
    }
    toast.success(done);
    await reload();
    return true;
  }

  onMounted(reload);
  return { items, refusal, reload, change };
}
