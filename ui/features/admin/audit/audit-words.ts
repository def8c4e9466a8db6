/** The audit log for the eye, and its filter for the server; pure. */
import type { CommandRequest, CommandSpec } from "#protocol";
import { commands } from "#protocol";

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

/** Everything that leaves a trace: what administrators alone may change. */
export const auditActions: readonly { readonly value: string; readonly label: string }[] = [
  { value: "all", label: "Every action" },
  ...Object.entries<CommandSpec>(commands)
    .filter(([, spec]) => spec.access === "admin" && spec.effect === "write")
    .map(([name]) => ({ value: name, label: name })),
];

export function auditFilter(
  { search, action, days }: { readonly search: string; readonly action: string; readonly days: string },
  nowMs: number,
): Pick<CommandRequest<"audit.list">, "search" | "action" | "fromMs"> {
  const span = /^\d{1,3}$/.test(days) ? Number(days) * DAY_MS : null;
  // To the minute: a filter that changes with every look would begin the list anew.
  const fromMs = span === null ? null : Math.max(0, Math.floor((nowMs - span) / MINUTE_MS) * MINUTE_MS);
  return {
    ...(search.trim() !== "" && { search: search.trim() }),
    ...(action !== "all" && { action }),
    ...(fromMs !== null && { fromMs }),
  };
}

/** `{"userId":3,"active":false}` as "userId 3, active false". */
export function inputWords(json: string): string {
  try {
    const input: unknown = JSON.parse(json);
    if (input === null || typeof input !== "object") return json;
    return Object.entries(input)
      .map(([name, value]) => `${name} ${typeof value === "string" ? value : JSON.stringify(value)}`)
      .join(", ");
  } catch {
    return json;
  }
}
