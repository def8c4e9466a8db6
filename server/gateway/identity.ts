/** Who sends an HTTP request: a bearer token, else the session cookie. And the cookie itself. */
import type { LoginResult } from "#protocol";
import type { Session } from "../core/caller.ts";
import type { SessionGate } from "../core/ports.ts";
import { SESSION_COOKIE } from "../core/ports.ts";
import { isHttps } from "./origin.ts";

export type Identity =
  | { readonly by: "bearer" | "cookie"; readonly session: Session | null }
  | { readonly by: "nothing"; readonly session: null };

/** A bearer token wins: it was put there on purpose, a cookie rides along. */
export async function identify(request: Request, gate: SessionGate): Promise<Identity> {
  const bearer = bearerOf(request);
  if (bearer !== null) return { by: "bearer", session: await gate.open(bearer) };
  const cookie = cookieOf(request);
  if (cookie !== null) return { by: "cookie", session: await gate.open(cookie) };
  return { by: "nothing", session: null };
}

export function bearerOf(request: Request): string | null {
  return /^Bearer +(\S+)$/i.exec(request.headers.get("authorization") ?? "")?.[1] ?? null;
}

function cookieOf(request: Request): string | null {
  for (const part of (request.headers.get("cookie") ?? "").split(";")) {
    const [name, value] = part.split("=", 2);
    if (name?.trim() === SESSION_COOKIE && value) return value.trim();
  }
  return null;
}

export function sessionCookie(request: Request, login: LoginResult): string {
  return cookieText(request, login.access_token, login.expires_in);
}

export function expiredCookie(request: Request): string {
  return cookieText(request, "", 0);
}

/** No `Secure` on plain http: the browser would drop the cookie, and home networks have no TLS. */
function cookieText(request: Request, value: string, maxAgeSeconds: number): string {
  const secure = isHttps(request) ? "; Secure" : "";
  return `${SESSION_COOKIE}=${value}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${maxAgeSeconds}${secure}`;
}
