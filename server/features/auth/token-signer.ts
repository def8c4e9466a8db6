/** Signs and checks the tokens. A token carries no rights: only which session it is and until when. */
import { jwt } from "@elysiajs/jwt";
import { z } from "zod";
import { userId, type UserId } from "#protocol";
import type { Clock } from "../../core/clock.ts";

const ALGORITHM = "HS256";
const ISSUER = "twarga";
const AUDIENCE = "twarga-session";
const TYPE = "JWT";
/** Clocks of one machine agree; this only covers rounding to whole seconds. */
const CLOCK_TOLERANCE_S = 2;

const claims = z.object({
  iss: z.literal(ISSUER),
  aud: z.literal(AUDIENCE),
  jti: z.string().min(1),
  sub: z
    .string()
    .regex(/^[0-9]{1,16}$/)
    .transform(Number)
    .pipe(userId),
  iat: z.number(),
  exp: z.number(),
});

export interface TokenClaims {
  readonly sessionId: string;
  readonly userId: UserId;
}

export interface TokenSigner {
  sign(claims: TokenClaims, expiresAtMs: number): Promise<string>;
  /** Null for anything that is not a token of this server, valid now. */
  verify(token: string): Promise<TokenClaims | null>;
}

export function createTokenSigner(secret: string, clock: Clock): TokenSigner {
  const signer = jwt({ secret, alg: ALGORITHM, typ: TYPE, iss: ISSUER, aud: AUDIENCE }).decorator.jwt;
  return {
    sign: (token, expiresAtMs) =>
      // Exp rounds down, so that a token never outlives its session.
      signer.sign({
        jti: token.sessionId,
        sub: String(token.userId),
        exp: Math.floor(expiresAtMs / 1000),
      }),
    async verify(token) {
      const nowMs = clock.now();
      // By default the plugin takes any HMAC algorithm and a token without `exp`, hence the full list here;
      // and it answers false where others throw.
      const payload = await signer.verify(token, {
        algorithms: [ALGORITHM],
        typ: TYPE,
        issuer: ISSUER,
        audience: AUDIENCE,
        requiredClaims: ["exp", "iat", "jti", "sub"],
        currentDate: new Date(nowMs),
        clockTolerance: CLOCK_TOLERANCE_S,
      });
      if (payload === false) return null;
      const parsed = claims.safeParse(payload);
      if (!parsed.success || parsed.data.iat > nowMs / 1000 + CLOCK_TOLERANCE_S) return null;
      return { sessionId: parsed.data.jti, userId: parsed.data.sub };
    },
  };
}
