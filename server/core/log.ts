/** The server's own log: JSON lines on stderr, secrets redacted. */
import pino from "pino";

export type Log = pino.Logger;

/** `level` is a pino level name or `silent`. */
export function createLog(level: string): Log {
  return pino(
    {
      level,
      base: null,
      redact: {
        paths: ["*.password", "*.token", "*.access_token", "password", "token", "access_token"],
        censor: "[redacted]",
      },
    },
    pino.destination({ dest: 2, sync: true }),
  );
}
