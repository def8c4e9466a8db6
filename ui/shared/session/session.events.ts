/** Keeps session, socket and route in step: connects after a sign-in, goes to the login page when the session ends. */
import { watch } from "vue";
import type { Router } from "vue-router";
import type { Client } from "#client";
import { endReason } from "./session-state.ts";
import { useSessionCommands } from "./session.commands.ts";
import { useSessionStore } from "./session.store.ts";

const ENDED = "Your session has ended. Please log in again.";

/** For the life of the page; nothing to dispose. */
export function startSession(client: Client, router: Router): void {
  const session = useSessionStore();
  const account = useSessionCommands();

  client.onStatus((status) => {
    session.takeStatus(status, client.hello);
    const reason = endReason(status);
    if (reason) return session.signOut(reason);
    // A refused upgrade looks like any lost connection to a browser, so ask whether the session is still good.
    if (status.phase === "offline" && session.phase === "signed-in") void account.recheck(ENDED);
  });

  watch(
    () => session.phase,
    (phase) => {
      if (phase === "signed-in") return client.connect();
      client.close();
      const { matched, meta, fullPath } = router.currentRoute.value;
      // Before the first page there is nothing to leave: the guard decides.
      if (phase === "anonymous" && matched.length > 0 && !meta.isPublic) {
        const next = session.endedBecause ? { next: fullPath } : {};
        void router.replace({ name: "login", query: next });
      }
    },
  );

  watch(
    () => session.isRenewing,
    (isRenewing) => {
      if (isRenewing) client.close();
      else if (session.phase === "signed-in") client.connect();
    },
    // Before the request that ends the old session leaves.
    { flush: "sync" },
  );

  addEventListener("online", () => client.wake());
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") client.wake();
  });
}
