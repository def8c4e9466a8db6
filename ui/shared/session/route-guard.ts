/** Lets nobody past the login page without a session, and nobody signed in back onto it. */
import type { RouteLocationNormalized, RouteLocationRaw } from "vue-router";
import { useSessionCommands } from "./session.commands.ts";
import { safeNext } from "./safe-next.ts";
import { useSessionStore } from "./session.store.ts";

export async function guardRoute(to: RouteLocationNormalized): Promise<RouteLocationRaw | true> {
  const session = useSessionStore();
  await useSessionCommands().check();
  if (to.meta.isPublic) {
    return session.phase === "signed-in" && to.meta.isForGuests ? safeNext(to.query.next) : true;
  }
  if (session.phase !== "anonymous") return true;
  return { name: "login", query: to.fullPath === "/" ? {} : { next: to.fullPath } };
}
