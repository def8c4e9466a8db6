/** What the page says about the connection. */
import type { ClientStatus } from "#client";
import { formatClock } from "../format/time.ts";

/** Short, for the header. */
export function connectionLabel({ phase, latencyMs }: ClientStatus): string {
  switch (phase) {
    case "online":
      return latencyMs === null ? "Live" : `Live · ${Math.round(latencyMs)} ms`;
    case "idle":
    case "connecting":
      return "Connecting…";
    case "offline":
    case "closed":
      return "Offline";
    default:
      return phase satisfies never;
  }
}

/** Long, for the banner; `lastOnlineMs` is how old the values are. */
export function staleText(status: ClientStatus, lastOnlineMs: number | null, nowMs: number): string {
  const since = lastOnlineMs === null ? "" : `Showing values from ${formatClock(lastOnlineMs)}. `;
  return `Connection lost. ${since}${retryText(status, nowMs)}`;
}

function retryText({ phase, retryAtMs }: ClientStatus, nowMs: number): string {
  if (phase === "closed") return "Reload the page to try again.";
  if (phase === "connecting" || retryAtMs === null) return "Connecting…";
  const seconds = Math.max(0, Math.ceil((retryAtMs - nowMs) / 1_000));
  return seconds === 0 ? "Connecting…" : `Retrying in ${seconds} s.`;
}
