/** `GET /ws`: decides before the 101 who may open a socket, from which page, and as whom. */
import type { WireError } from "#protocol";
import { SUBPROTOCOL } from "#protocol";
import type { SessionGate } from "../core/ports.ts";
import { identify } from "./identity.ts";
import type { OriginRules } from "./origin.ts";
import type { Admission } from "./socket.ts";

export type Verdict =
  | { readonly ok: true; readonly admission: Admission }
  | { readonly ok: false; readonly error: WireError; readonly status?: number };

const refuse = (error: WireError, status?: number): Verdict => ({ ok: false, error, status });

export async function judgeUpgrade(
  request: Request,
  gate: SessionGate,
  origins: OriginRules,
): Promise<Verdict> {
  if (request.headers.get("upgrade")?.toLowerCase() !== "websocket") {
    return refuse({ code: "bad_frame", message: "This address speaks WebSocket only" }, 426);
  }
  const origin = origins.judge(request);
  if (origin === "foreign") return refuse({ code: "forbidden", message: "This page may not open a socket" });
  const offered = (request.headers.get("sec-websocket-protocol") ?? "").split(",").map((name) => name.trim());
  if (!offered.includes(SUBPROTOCOL)) {
    return refuse({ code: "bad_frame", message: `Ask for the subprotocol ${SUBPROTOCOL}` });
  }
  const identity = await identify(request, gate);
  if (identity.by === "cookie" && origin === "absent") {
    return refuse({ code: "forbidden", message: "A cookie opens a socket only together with an Origin" });
  }
  if (identity.session) return { ok: true, admission: { kind: "session", session: identity.session } };
  if (identity.by === "bearer") return refuse({ code: "unauthenticated", message: "The token is not valid" });
  // A browser cannot read the status of a refused upgrade, only the code of a closed socket.
  return { ok: true, admission: { kind: identity.by === "cookie" ? "rejected" : "anonymous" } };
}
