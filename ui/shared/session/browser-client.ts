/** The socket client for this page: same host, and the cookie says who we are. */
import type { Client } from "#client";
import { createClient } from "#client";

export function createBrowserClient(): Client {
  return createClient({
    url: () => {
      const scheme = location.protocol === "https:" ? "wss" : "ws";
      return `${scheme}://${location.host}/ws`;
    },
    onFault: (error) => console.error("socket", error),
  });
}
