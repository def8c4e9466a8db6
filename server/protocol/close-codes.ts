/** Named WebSocket close codes: why the server ended a socket, and whether a client should try again. */
export const closeCodes = {
  going_away: { code: 1001, retry: true, meaning: "The server is shutting down." },
  unsupported_data: { code: 1003, retry: false, meaning: "A binary frame that is no terminal frame." },
  protocol_violation: { code: 1008, retry: false, meaning: "Three bad frames on one socket." },
  message_too_big: { code: 1009, retry: false, meaning: "A frame over 64 KiB." },
  service_restart: { code: 1012, retry: true, meaning: "The server restarts; reconnect with back-off." },
  unauthenticated: { code: 4401, retry: false, meaning: "No valid session, or it expired or was revoked." },
  forbidden: { code: 4403, retry: false, meaning: "The session may not use this socket or terminal." },
  too_slow: {
    code: 4408,
    retry: true,
    meaning: "The client reads too slowly; its queue passed the hard limit.",
  },
  silent: { code: 4409, retry: true, meaning: "No frame from the client for two heartbeats." },
  rate_limited: { code: 4429, retry: true, meaning: "Too many frames or too many sockets of one user." },
} as const;

export type CloseName = keyof typeof closeCodes;

/** The name of a close code seen on the wire, or undefined for codes that are not ours. */
export function closeNameOf(code: number): CloseName | undefined {
  return (Object.keys(closeCodes) as CloseName[]).find((name) => closeCodes[name].code === code);
}
