/** The session of this tab: client, store, commands, and what keeps them in step. */
export { createBrowserClient } from "./browser-client.ts";
export { clientKey, useClient } from "./client-key.ts";
export { guardRoute } from "./route-guard.ts";
export { safeNext } from "./safe-next.ts";
export { useSessionCommands } from "./session.commands.ts";
export { startSession } from "./session.events.ts";
export { useSessionStore } from "./session.store.ts";
