/** The exact web origins that may talk to this server. */
import { hostname, networkInterfaces } from "node:os";
import type { Config } from "../config.ts";

const WILDCARD_HOSTS = new Set(["0.0.0.0", "::"]);

const bracketed = (host: string) => (host.includes(":") ? `[${host}]` : host);

/** Names and addresses by which a browser may reach a server that listens on `host`. */
function reachableHosts(host: string): string[] {
  const loopback = ["localhost", "127.0.0.1", "::1"];
  if (!WILDCARD_HOSTS.has(host)) return [...loopback, host];
  const addresses = Object.values(networkInterfaces()).flatMap((list) =>
    (list ?? []).map((it) => it.address),
  );
  return [...loopback, hostname(), ...addresses];
}

export function allowedOrigins(config: Pick<Config, "host" | "port" | "extraOrigins">): string[] {
  const own = reachableHosts(config.host).map(
    (host) => URL.parse(`http://${bracketed(host)}:${config.port}`)?.origin,
  );
  return [...new Set([...own.filter((origin) => origin !== undefined), ...config.extraOrigins])];
}
