/** Lets nobody past the login page without a session, and nobody signed in back onto it. */
import type { RouteLocationNormalized, RouteLocationRaw } from "vue-router";
import { useSessionCommands } from "./session.commands.ts";
import { useSessionStore } from "./session.store.ts";

/** Only paths of this app: a link must not be able to send people elsewhere after the login. */
export function safeNext(next: unknown): string {
  return typeof next === "string" && /^\/(?![/\\])/.test(next) ? next : "/";
}

export async function guardRoute(to: RouteLocationNormalized): Promise<RouteLocationRaw | true> {
  const session = useSessionStore();
  await useSessionCommands().check();
  if (to.meta.isPublic) {
    return session.phase === "signed-in" && to.meta.isForGuests ? safeNext(to.query.next) : true;
  }
  if (session.phase !== "anonymous") return true;
  return { name: "login", query: to.fullPath === "/" ? {} : { next: to.fullPath } };
}
