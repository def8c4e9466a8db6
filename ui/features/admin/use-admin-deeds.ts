/** `useAdminDeeds()`: asks the server for something and says how it went. */
import { shallowRef } from "vue";
import { toast } from "vue-sonner";
import { messageOf } from "../../shared/format/message-of.ts";

export function useAdminDeeds() {
  const isBusy = shallowRef(false);

  /** The answer; null, with a word on the screen, when the server refused. */
  async function attempt<T>(deed: () => Promise<T>, failed: string): Promise<T | null> {
    isBusy.value = true;
    try {
      return await deed();
    } catch (error) {
      toast.error(failed, { description: messageOf(error) });
      return null;
    } finally {
      isBusy.value = false;
    }
  }

  return { isBusy, attempt };
}
