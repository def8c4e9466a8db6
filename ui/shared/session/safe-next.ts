/** Where a login may lead. */

/** Only paths of this app: a link must not be able to send people elsewhere after the login. */
export function safeNext(next: unknown): string {
  return typeof next === "string" && /^\/(?![/\\])/.test(next) ? next : "/";
}
