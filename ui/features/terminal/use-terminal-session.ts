/** `useTerminalSession()`: a shell of a machine on an element of the page, as long as the component lives. */
import { useDebounceFn, useLocalStorage, useResizeObserver } from "@vueuse/core";
import type { ShallowRef } from "vue";
import { computed, onBeforeUnmount, onMounted, shallowRef, watch } from "vue";
import type { VmId } from "#protocol";
import { useTheme } from "../../shared/composables/use-theme.ts";
import { useClient } from "../../shared/session/index.ts";
import { safeSessionStorage, tabMemory } from "./tab-memory.ts";
import type { TerminalShortcut } from "./terminal-keys.ts";
import type { TerminalSettings } from "./terminal-look.ts";
import { fontSizes, planLook } from "./terminal-look.ts";
import { titleText } from "./terminal-link.ts";
import { TerminalSession } from "./terminal-session.ts";
import { isSameSize } from "./terminal-size.ts";
import { opening } from "./terminal-state.ts";
import type { XtermScreen } from "./xterm-screen.ts";
import { createXtermScreen } from "./xterm-screen.ts";

/** Dragging the edge of a window must not make the program redraw for every pixel. */
const RESIZE_QUIET_MS = 120;

function readToken(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

export interface TerminalSessionOptions {
  readonly vmId: VmId;
  readonly host: Readonly<ShallowRef<HTMLElement | null>>;
  onShortcut(shortcut: TerminalShortcut): void;
}

export function useTerminalSession({ vmId, host, onShortcut }: TerminalSessionOptions) {
  const client = useClient();
  const { theme } = useTheme();
  const settings = useLocalStorage<TerminalSettings>(
    "twarga-terminal-settings",
    { fontSize: fontSizes.standard, isScreenReader: false },
    { mergeDefaults: true },
  );
  const state = shallowRef(opening);
  const title = shallowRef("");
  const screen = shallowRef<XtermScreen | null>(null);
  const session = shallowRef<TerminalSession | null>(null);
  const fitting = shallowRef(opening.size);

  /** Another viewer's size counts, and this window would show it otherwise. */
  const isForeignSize = computed(() => {
    const { size, viewers, phase } = state.value;
    return phase === "open" && viewers > 1 && !!size && !!fitting.value && !isSameSize(size, fitting.value);
  });

  const bringSize = () => {
    fitting.value = screen.value?.fitting() ?? null;
    void session.value?.bringSize();
  };
  const followPlace = useDebounceFn(bringSize, RESIZE_QUIET_MS);
  useResizeObserver(host, followPlace);

  watch(
    [settings, theme],
    () => {
      screen.value?.setLook(planLook(readToken, settings.value));
      void followPlace();
    },
    { deep: true, flush: "post" },
  );

  onMounted(() => {
    if (!host.value) return;
    const shown = createXtermScreen(host.value, planLook(readToken, settings.value), {
      onTyping: (text) => session.value?.type(text),
      onBinary: (bytes) => session.value?.typeBytes(bytes),
      onTitle: (text) => (title.value = titleText(text)),
      onShortcut,
    });
    const memory = tabMemory(vmId, safeSessionStorage());
    screen.value = shown;
    session.value = new TerminalSession({
      client,
      vmId,
      screen: shown,
      memory,
      onState(next) {
        fitting.value = shown.fitting();
        state.value = next;
      },
    });
    void session.value.open();
    // On a touch screen the focus would bring up the keyboard over half of the page.
    if (!matchMedia("(pointer: coarse)").matches) shown.focus();
  });

  onBeforeUnmount(() => {
    session.value?.dispose();
    screen.value?.dispose();
  });

  return { state, title, screen, session, settings, isForeignSize, bringSize };
}
