/** Facts about the session of a tab. */
import { describe, expect, test } from "bun:test";
import type { ClientStatus } from "#client";
import { userView } from "#protocol";
import { safeNext } from "../../../ui/shared/session/safe-next.ts";
import {
  applyLeaving,
  applySignIn,
  applySignOut,
  applyStatus,
  endReason,
  initialSession,
  isStale,
} from "../../../ui/shared/session/session-state.ts";

const ada = userView.parse({
  ...{ id: 1, username: "ada", role: "user", active: true, createdAtMs: 1 },
  ...{ className: null, mustChangePassword: false, hasSecondFactor: false, expiresAtMs: null },
});
const status = (over: Partial<ClientStatus>): ClientStatus => ({
  phase: "online",
  latencyMs: null,
  retryAtMs: null,
  closedBy: null,
  sinceMs: 0,
  ...over,
});
const online = applyStatus(applySignIn(initialSession, ada), status({}), null);

describe("values on the screen", () => {
  test("are not stale while the first connection is being made", () => {
    const connecting = applyStatus(applySignIn(initialSession, ada), status({ phase: "connecting" }), null);
    expect(isStale(connecting)).toBe(false);
  });

  test("are stale from the moment the connection is gone until it is back", () => {
    const lost = applyStatus(online, status({ phase: "offline", sinceMs: 50 }), null);
    expect([isStale(online), isStale(lost)]).toEqual([false, true]);
    const trying = applyStatus(lost, status({ phase: "connecting", sinceMs: 90 }), null);
    expect(trying.lastOnlineMs).toBe(50);
    expect(isStale(trying)).toBe(true);
    expect(isStale(applyStatus(trying, status({ sinceMs: 99 }), null))).toBe(false);
  });
});

describe("the end of a session", () => {
  test("is said when the server ended it, and not when the line merely dropped", () => {
    expect(endReason(status({ phase: "closed", closedBy: "unauthenticated" }))).toContain("log in");
    expect(endReason(status({ phase: "offline", closedBy: "service_restart" }))).toBeNull();
    expect(endReason(status({ phase: "closed" }))).toBeNull();
  });

  test("leaves nothing of the person behind but the reason", () => {
    const ended = applySignOut(online, "Your session has ended.");
    expect(ended.user).toBeNull();
    expect(ended.phase).toBe("anonymous");
    expect(ended.endedBecause).toBe("Your session has ended.");
    expect(applySignIn(ended, ada).endedBecause).toBeNull();
  });

  test("needs no explanation when the person asked for it", () => {
    const leaving = applyLeaving(online, true);
    expect(applySignOut(leaving, "Your session has ended.").endedBecause).toBeNull();
  });
});

describe("the way on after the login", () => {
  test.each(["/monitor", "/vms/3?tab=metrics"])("leads to %s", (path) => {
    expect(safeNext(path)).toBe(path);
  });

  test.each([
    "//evil.example",
    "/\\evil.example",
    "https://evil.example",
    "javascript:alert(1)",
    "",
    undefined,
    ["/"],
  ])("never leads to %p", (path) => {
    expect(safeNext(path)).toBe("/");
  });
});
