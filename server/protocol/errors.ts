/** The closed list of error codes, their HTTP status and meaning, and the shape of an error on the wire. */
import { z } from "zod";

export const errorCodes = {
  bad_frame: { http: 400, meaning: "The frame or body is not valid JSON of a known shape." },
  unknown_command: { http: 404, meaning: "There is no command or path of that name." },
  unknown_topic: { http: 404, meaning: "There is no topic of that name." },
  invalid_input: { http: 400, meaning: "A field has a value that is not allowed; `field` names it." },
  unauthenticated: { http: 401, meaning: "No valid session: log in first." },
  second_factor_required: {
    http: 401,
    meaning: "The password is right; give the code of the authenticator app too.",
  },
  password_change_required: { http: 403, meaning: "The password was set by somebody else: change it first." },
  forbidden: { http: 403, meaning: "The session may not do this." },
  not_found: { http: 404, meaning: "There is no such thing, or it belongs to somebody else." },
  conflict: { http: 409, meaning: "The state of the thing does not allow it now; the message says why." },
  quota_exceeded: { http: 409, meaning: "It would exceed your quota; the message has the numbers." },
  insufficient_credits: {
    http: 402,
    meaning: "The balance does not pay for it; the message has the numbers.",
  },
  host_full: {
    http: 507,
    meaning: "The host has not enough memory or disk left; the message has the numbers.",
  },
  idempotency_mismatch: { http: 422, meaning: "This Idempotency-Key was used for another request." },
  too_large: { http: 413, meaning: "The body or frame is over the size limit." },
  rate_limited: { http: 429, meaning: "Too many requests; try again after `retryAfterMs`." },
  unsupported: { http: 501, meaning: "This face or this driver cannot do that." },
  driver_failed: { http: 502, meaning: "The hypervisor or Vagrant reported a failure." },
  unavailable: { http: 503, meaning: "The server is starting, stopping or overloaded." },
  timeout: { http: 504, meaning: "The work did not end before its deadline." },
  cancelled: { http: 409, meaning: "The work was cancelled." },
  internal: { http: 500, meaning: "A fault of the server; details are in its log only." },
} as const;

export type ErrorCode = keyof typeof errorCodes;

export const errorCode = z.enum(Object.keys(errorCodes) as [ErrorCode, ...ErrorCode[]]);

export const wireError = z.object({
  code: errorCode,
  message: z.string().meta({ description: "One sentence for a person; safe to show." }),
  field: z.string().optional().meta({ description: "Path of the offending input field, dot separated." }),
  retryAfterMs: z.int().nonnegative().optional(),
});
export type WireError = z.infer<typeof wireError>;
