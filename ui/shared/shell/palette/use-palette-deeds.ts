/** `usePaletteDeeds()`: does what was chosen in the palette. */
import { useRouter } from "vue-router";
import { useVmCommands } from "../../../features/vms/vms.commands.ts";
import { useVmsStore } from "../../../features/vms/vms.store.ts";
import { useTheme } from "../../composables/use-theme.ts";
import { useLeave } from "../use-leave.ts";
import type { PaletteDeed } from "./palette-entries.ts";

export interface DeedsInput {
  /** What cannot be undone is asked for first. */
  readonly askToDestroy: (vmId: number) => void;
  readonly showHelp: () => void;
}

export function usePaletteDeeds(input: DeedsInput): (deed: PaletteDeed) => Promise<void> {
  const router = useRouter();
  const vms = useVmsStore();
  const { act } = useVmCommands();
  const { toggle } = useTheme();
  const leave = useLeave();

  return async (deed) => {
    switch (deed.kind) {
      case "page":
        return void (await router.push({ name: deed.name }));
      case "create":
        return void (await router.push({ name: "dashboard", query: { new: "1" } }));
      case "vm":
        return void (await router.push({
          name: "vm",
          params: { id: String(deed.vmId) },
          query: deed.tab === "terminal" ? {} : { tab: deed.tab },
        }));
      case "act": {
        if (deed.action === "destroy") return input.askToDestroy(deed.vmId);
        const vm = vms.find(deed.vmId);
        if (vm) await act(deed.action, vm);
        return;
      }
      case "theme":
        return toggle();
      case "help":
        return input.showHelp();
      case "logout":
        return leave();
      default:
        return deed satisfies never;
    }
  };
}
