/** `useLeave()`: logs out, and says so when that fails. */
import { toast } from "vue-sonner";
import { messageOf } from "../format/message-of.ts";
import { useSessionCommands } from "../session/index.ts";

export function useLeave(): () => Promise<void> {
  const { logout } = useSessionCommands();
  return async () => {
    try {
      await logout();
    } catch (error) {
      toast.error("Could not log out", { description: messageOf(error) });
    }
  };
}
