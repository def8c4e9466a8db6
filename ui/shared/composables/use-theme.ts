/** `useTheme()`: light or dark, as the system has it until the person chooses; the choice is kept. */
import { computed, readonly, shallowRef } from "vue";

export type Theme = "light" | "dark";

const STORAGE_KEY = "twarga-theme";

// theme-boot.js has set it before the first paint.
const current = shallowRef<Theme>(document.documentElement.dataset.theme === "dark" ? "dark" : "light");

function show(theme: Theme) {
  current.value = theme;
  document.documentElement.dataset.theme = theme;
  document.documentElement.classList.toggle("dark", theme === "dark");
}

function storedChoice(): string | null {
  try {
    return localStorage.getItem(STORAGE_KEY);
  } catch {
    return null;
  }
}

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", (system) => {
  if (!storedChoice()) show(system.matches ? "dark" : "light");
});

export function useTheme() {
  return {
    theme: readonly(current),
    isDark: computed(() => current.value === "dark"),
    toggle() {
      show(current.value === "dark" ? "light" : "dark");
      try {
        localStorage.setItem(STORAGE_KEY, current.value);
      } catch {
        // Storage is switched off: the choice lasts as long as the page.
      }
    },
  };
}
