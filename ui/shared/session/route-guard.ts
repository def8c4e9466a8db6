/** Lets nobody past the login page without a session or with a password of somebody else, and nobody signed in back onto it. */
import type { RouteLocationNormalized, RouteLocationRaw } from "vue-router";
import { useSessionCommands } from "./session.commands.ts";
import { safeNext } from "./safe-next.ts";
import { useSessionStore } from "./session.store.ts";

export async function guardRoute(to: RouteLocationNormalized): Promise<RouteLocationRaw | true> {
  const session = useSessionStore();
  await useSessionCommands().check();
  if (session.user?.mustChangePassword) {
    if (to.name === "change-password") return true;
    return { name: "change-password", query: to.meta.isPublic ? {} : { next: to.fullPath } };
  }
  if (to.name === "change-password" && session.phase === "signed-in") return safeNext(to.query.next);
  if (to.meta.isPublic) {
    return session.phase === "signed-in" && to.meta.isForGuests ? safeNext(to.query.next) : true;
  }
  if (to.meta.isForAdmins && session.phase === "signed-in" && session.user?.role !== "admin")
    return { name: "not-found", params: { path: to.path.slice(1).split("/") } };
  if (session.phase !== "anonymous") return true;
  return { name: "login", query: to.fullPath === "/" ? {} : { next: to.fullPath } };
}
