/** Who is signed in, and how the connection is. */
import { defineStore } from "pinia";
import { computed, shallowRef } from "vue";
import type { ClientStatus } from "#client";
import type { HelloFrame, UserView } from "#protocol";
import {
  applyLeaving,
  applyRenewing,
  applySignIn,
  applySignOut,
  applyStatus,
  initialSession,
  isStale,
} from "./session-state.ts";

export const useSessionStore = defineStore("session", () => {
  const state = shallowRef(initialSession);

  return {
    phase: computed(() => state.value.phase),
    user: computed(() => state.value.user),
    endedBecause: computed(() => state.value.endedBecause),
    isRenewing: computed(() => state.value.isRenewing),
    hello: computed(() => state.value.hello),
    status: computed(() => state.value.status),
    lastOnlineMs: computed(() => state.value.lastOnlineMs),
    isOnline: computed(() => state.value.status.phase === "online"),
    isStale: computed(() => isStale(state.value)),
    signIn: (user: UserView) => void (state.value = applySignIn(state.value, user)),
    setLeaving: (isLeaving: boolean) => void (state.value = applyLeaving(state.value, isLeaving)),
    setRenewing: (isRenewing: boolean) => void (state.value = applyRenewing(state.value, isRenewing)),
    signOut: (because: string | null) => void (state.value = applySignOut(state.value, because)),
    takeStatus: (status: ClientStatus, hello: HelloFrame | null) =>
      void (state.value = applyStatus(state.value, status, hello)),
  };
});
