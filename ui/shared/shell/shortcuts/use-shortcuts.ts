/** `useShortcuts()`: listens to the keys of the page while the shell lives. */
import { useEventListener } from "@vueuse/core";
import { useRouter } from "vue-router";
import { useSessionStore } from "../../session/index.ts";
import type { KeyPress, Pending, ShortcutDeed } from "./shortcut-plan.ts";
import { planKey } from "./shortcut-plan.ts";

export interface ShortcutsInput {
  readonly openPalette: () => void;
  readonly showHelp: () => void;
}

function placeOf(target: EventTarget | null): KeyPress["place"] {
  if (!(target instanceof HTMLElement)) return "page";
  if (target.closest(".xterm, [data-testid='terminal']")) return "terminal";
  if (target.closest("input, textarea, select, [contenteditable='true']")) return "field";
  // Menus and lists answer to letters themselves.
  return target.closest("[role='dialog'], [role='menu'], [role='listbox']") ? "dialog" : "page";
}

export function useShortcuts(input: ShortcutsInput): void {
  const router = useRouter();
  const session = useSessionStore();
  let pending: Pending | null = null;

  function perform(deed: ShortcutDeed): void {
    switch (deed) {
      case "palette":
        return input.openPalette();
      case "help":
        return input.showHelp();
      case "create":
        return void router.push({ name: "dashboard", query: { ...dashboardQuery(), new: "1" } });
      case "filter":
        return document.querySelector<HTMLElement>("[data-page-filter]")?.focus();
      case "dashboard":
      case "monitor":
      case "jobs":
        return void router.push({ name: deed });
      case "admin":
      case "admin-users":
      case "admin-vms":
        if (session.user?.role === "admin") void router.push({ name: deed });
        return;
      default:
        return deed satisfies never;
    }
  }

  /** On the page itself its view and filter stay. */
  function dashboardQuery() {
    const { name, query } = router.currentRoute.value;
    return name === "dashboard" ? query : {};
  }

  useEventListener(window, "keydown", (event) => {
    // A key held down is not a second press, and one that is part of a composed letter is none.
    if (event.defaultPrevented || event.repeat || event.isComposing) return;
    const plan = planKey(
      {
        key: event.key,
        atMs: event.timeStamp,
        hasCtrl: event.ctrlKey,
        hasMeta: event.metaKey,
        hasAlt: event.altKey,
        place: placeOf(event.target),
      },
      pending,
    );
    pending = plan.pending;
    if (plan.deed === null) return;
    event.preventDefault();
    perform(plan.deed);
  });
}
