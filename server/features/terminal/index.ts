/** Front door of the terminal feature. */
export type { TerminalDeps } from "./deps.ts";
export { createTerminalFeature } from "./terminal-feature.ts";
