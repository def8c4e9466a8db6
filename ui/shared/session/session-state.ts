/** What the browser knows about its session and its connection: state and pure changes of it. */
import type { ClientStatus } from "#client";
import type { HelloFrame, UserView } from "#protocol";

export interface SessionState {
  /** `unchecked` until `GET /api/auth/me` has answered once. */
  readonly phase: "unchecked" | "anonymous" | "signed-in";
  readonly user: UserView | null;
  /** Why the last session ended by itself, for the login page. */
  readonly endedBecause: string | null;
  /** The person has asked to log out: what ends the socket now is no surprise. */
  readonly isLeaving: boolean;
  /** The session is being replaced by a new one: the socket waits for it. */
  readonly isRenewing: boolean;
  readonly hello: HelloFrame | null;
  readonly status: ClientStatus;
  /** When the connection was last alive; what is on the screen is as old as this. */
  readonly lastOnlineMs: number | null;
}

export const initialStatus: ClientStatus = {
  phase: "idle",
  latencyMs: null,
  retryAtMs: null,
  closedBy: null,
  sinceMs: 0,
};

export const initialSession: SessionState = {
  phase: "unchecked",
  user: null,
  endedBecause: null,
  isLeaving: false,
  isRenewing: false,
  hello: null,
  status: initialStatus,
  lastOnlineMs: null,
};

export function applySignIn(state: SessionState, user: UserView): SessionState {
  return { ...state, phase: "signed-in", user, endedBecause: null };
}

export function applyLeaving(state: SessionState, isLeaving: boolean): SessionState {
  return { ...state, isLeaving };
}

export function applyRenewing(state: SessionState, isRenewing: boolean): SessionState {
  return { ...state, isRenewing };
}

/** `because` is null when the person asked for it. */
export function applySignOut(state: SessionState, because: string | null): SessionState {
  const endedBecause = state.isLeaving ? null : because;
  return { ...initialSession, phase: "anonymous", endedBecause, status: state.status };
}

export function applyStatus(
  state: SessionState,
  status: ClientStatus,
  hello: HelloFrame | null,
): SessionState {
  const hasJustGone = state.status.phase === "online" && status.phase !== "online";
  const lastOnlineMs = hasJustGone ? status.sinceMs : state.lastOnlineMs;
  return { ...state, status, hello: hello ?? state.hello, lastOnlineMs };
}

/** Why the server ended the session, for people; null when the connection merely dropped. */
export function endReason(status: ClientStatus): string | null {
  if (status.phase !== "closed") return null;
  if (status.closedBy === "unauthenticated") return "Your session has ended. Please log in again.";
  if (status.closedBy === "forbidden") return "Your account may not use this connection.";
  return null;
}

/** Values on the screen are not live: the connection was there and is not now. */
export function isStale(state: SessionState): boolean {
  return state.phase === "signed-in" && state.status.phase !== "online" && state.lastOnlineMs !== null;
}
