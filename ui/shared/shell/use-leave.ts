/** `useLeave()`: logs out, and says so when that fails. */
import { toast } from "vue-sonner";
import { RequestError } from "#client";
import { useSessionCommands } from "../session/index.ts";

export function useLeave(): () => Promise<void> {
  const { logout } = useSessionCommands();
  return async () => {
    try {
      await logout();
    } catch (error) {
      const why = error instanceof RequestError ? error.message : "Something went wrong on this page";
      toast.error("Could not log out", { description: why });
    }
  };
}
