/** Which pages and which host names may talk to this server. */

/** Names under which only this very machine is reached. */
const LOOPBACK_NAMES: ReadonlySet<string> = new Set(["localhost", "127.0.0.1", "[::1]"]);

export function isLoopback(host: string): boolean {
  return LOOPBACK_NAMES.has(host) || host === "::1" || /^127\.\d+\.\d+\.\d+$/.test(host);
}

export interface OriginRules {
  /** `own`: a page this server serves, or a listed one. `foreign`: any other page. `absent`: no browser page. */
  judge(request: Request): "own" | "foreign" | "absent";
  /** Against DNS rebinding: a name that only leads here because somebody else's DNS says so. */
  isKnownHost(request: Request): boolean;
}

/** `allowed` are extra origins, e.g. of a reverse proxy; `boundHost` is the address listened on. */
export function createOriginRules(allowed: readonly string[], boundHost: () => string): OriginRules {
  const listed = new Set(allowed.map((origin) => origin.toLowerCase()));
  const listedHosts = new Set(
    allowed.filter((origin) => URL.canParse(origin)).map((origin) => new URL(origin).host),
  );
  return {
    judge(request) {
      const origin = request.headers.get("origin")?.toLowerCase();
      if (origin === undefined) return "absent";
      if (listed.has(origin)) return "own";
      return origin === ownOrigin(request) ? "own" : "foreign";
    },
    isKnownHost(request) {
      // On other addresses the names of this machine cannot be known; TWARGA_ORIGINS does not limit them.
      if (!isLoopback(boundHost())) return true;
      const host = request.headers.get("host")?.toLowerCase() ?? "";
      return listedHosts.has(host) || isLoopback(host.replace(/:\d+$/, ""));
    },
  };
}

/** Exact: scheme, name and port. No page can forge the header of a proxy in a request it makes. */
function ownOrigin(request: Request): string {
  const scheme = isHttps(request) ? "https" : "http";
  return `${scheme}://${request.headers.get("host")?.toLowerCase() ?? ""}`;
}

/** A proxy that ends TLS says so; a client that lies about it only harms its own cookie. */
export function isHttps(request: Request): boolean {
  return request.url.startsWith("https:") || request.headers.get("x-forwarded-proto") === "https";
}
