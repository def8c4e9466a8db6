/** Draws a terminal on the graphics card where there is one; xterm's DOM renderer stays the fallback. */
import { WebglAddon } from "@xterm/addon-webgl";
import type { Terminal } from "@xterm/xterm";

function hasWebgl(): boolean {
  // Asked before: the addon reports a missing WebGL by throwing half-way.
  return document.createElement("canvas").getContext("webgl2") !== null;
}

export function drawOnGpu(terminal: Terminal): void {
  if (!hasWebgl()) return;
  const addon = new WebglAddon();
  // The browser takes contexts away when there are too many: without the addon xterm draws in the DOM.
  addon.onContextLoss(() => addon.dispose());
  try {
    terminal.loadAddon(addon);
  } catch {
    addon.dispose();
  }
}
