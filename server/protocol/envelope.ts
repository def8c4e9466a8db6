/** The JSON frames that travel on the socket, in both directions. Terminal bytes are binary: see binary.ts. */
import { z } from "zod";
import { role } from "./auth.ts";
import { wireError } from "./errors.ts";
import { epochMs, terminalId, userId } from "./ids.ts";
import { driverName } from "./vms.ts";

/** Subprotocol named at the upgrade. */
export const SUBPROTOCOL = "twarga.v1";

/** Chosen by the client, unique among its unanswered frames. */
const requestId = z.int().positive();
/** Not an enum: an unknown name is answered with its own code, not as a broken frame. */
const name = z.string().min(1).max(64);
const key = z.string().min(1).max(64);

export const clientFrame = z.discriminatedUnion("t", [
  z.strictObject({ t: z.literal("auth"), token: z.string().min(1).max(4096) }),
  z.strictObject({ t: z.literal("command"), id: requestId, name, input: z.unknown() }),
  z.strictObject({
    t: z.literal("subscribe"),
    id: requestId,
    topic: name,
    key: key.optional(),
    /** Resume a `log` topic after this `seq` of this `epoch`. */
    after: z.strictObject({ epoch: z.string().max(64), seq: z.int().nonnegative() }).optional(),
  }),
  z.strictObject({ t: z.literal("unsubscribe"), id: requestId, topic: name, key: key.optional() }),
  z.strictObject({
    t: z.literal("ack"),
    terminalId,
    /** Bytes of `restore` and `output` payload drawn since this viewer joined. */
    bytes: z.int().nonnegative(),
  }),
  z.strictObject({ t: z.literal("ping"), id: requestId }),
]);
export type ClientFrame = z.infer<typeof clientFrame>;

export const helloFrame = z.object({
  t: z.literal("hello"),
  /** New for every server start: a `seq` only means something within one epoch. */
  epoch: z.string(),
  version: z.string(),
  serverTimeMs: epochMs,
  user: z.object({ id: userId, username: z.string(), role }),
  driver: z.object({
    name: driverName,
    /** Shown to people, e.g. "Simulated: no real machines". */
    label: z.string(),
    simulated: z.boolean(),
  }),
});
export type HelloFrame = z.infer<typeof helloFrame>;

const streamHead = { topic: z.string(), key: z.string().optional(), seq: z.int().nonnegative() };

export const serverFrame = z.discriminatedUnion("t", [
  helloFrame,
  z.object({ t: z.literal("reply"), id: requestId, ok: z.literal(true), output: z.unknown() }),
  z.object({ t: z.literal("refusal"), id: requestId, ok: z.literal(false), error: wireError }),
  /** State as of `seq`; sent after `subscribe` and again whenever the server had to skip events of this client. */
  z.object({ t: z.literal("snapshot"), ...streamHead, data: z.unknown() }),
  z.object({ t: z.literal("event"), ...streamHead, data: z.unknown() }),
  /** The subscription is over: the thing is gone or the right to see it. */
  z.object({ t: z.literal("end"), topic: z.string(), key: z.string().optional() }),
  /** A frame that could not be attributed to a request. */
  z.object({ t: z.literal("error"), error: wireError }),
  z.object({ t: z.literal("pong"), id: requestId, serverTimeMs: epochMs }),
]);
export type ServerFrame = z.infer<typeof serverFrame>;
