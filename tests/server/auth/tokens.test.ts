/** Forged, expired and foreign tokens open nothing. */
import { expect, test } from "bun:test";
import { generateKeyPairSync } from "node:crypto";
import { SignJWT, UnsecuredJWT } from "jose";
import { createHarness, PASSWORD, SECRET } from "./harness.ts";

const key = new TextEncoder().encode(SECRET);

async function prepare() {
  const harness = createHarness();
  const { access_token, user } = await harness.run("auth.register", { username: "ada", password: PASSWORD });
  const { sessionId } = await harness.sessionOf(access_token);
  const nowS = Math.floor(harness.clock.now() / 1000);
  const claims = {
    iss: "twarga",
    aud: "twarga-session",
    jti: sessionId,
    sub: String(user.id),
    iat: nowS,
    exp: nowS + 600,
  };
  return { ...harness, access_token, claims, nowS };
}

const sign = (claims: Record<string, unknown>, header: { alg: string; typ?: string }, by = key) =>
  new SignJWT(claims).setProtectedHeader(header).sign(by);

test("a token of the right shape and secret is accepted", async () => {
  const { auth, claims } = await prepare();
  expect(await auth.gate.open(await sign(claims, { alg: "HS256", typ: "JWT" }))).not.toBeNull();
});

test.each<[string, (nowS: number) => Record<string, unknown>]>([
  ["without exp", () => ({ exp: undefined })],
  ["without iat", () => ({ iat: undefined })],
  ["with exp in the past", (nowS) => ({ exp: nowS - 60 })],
  ["with nbf in the future", (nowS) => ({ nbf: nowS + 600 })],
  ["issued an hour ahead", (nowS) => ({ iat: nowS + 3600, exp: nowS + 7200 })],
  ["for another audience", () => ({ aud: "other" })],
  ["without audience", () => ({ aud: undefined })],
  ["of another issuer", () => ({ iss: "other" })],
  ["of another user", () => ({ sub: "2" })],
  ["with a subject that is no number", () => ({ sub: "1 OR 1=1" })],
  ["of a session that does not exist", () => ({ jti: crypto.randomUUID() })],
])("refuses a token %s", async (_what, change) => {
  const { auth, claims, nowS } = await prepare();
  expect(
    await auth.gate.open(await sign({ ...claims, ...change(nowS) }, { alg: "HS256", typ: "JWT" })),
  ).toBeNull();
});

test("refuses another type, another algorithm, another key and no algorithm", async () => {
  const { auth, claims } = await prepare();
  expect(await auth.gate.open(await sign(claims, { alg: "HS256", typ: "at+jwt" }))).toBeNull();
  expect(await auth.gate.open(await sign(claims, { alg: "HS256" }))).toBeNull();
  expect(await auth.gate.open(await sign(claims, { alg: "HS512", typ: "JWT" }))).toBeNull();
  const otherKey = new TextEncoder().encode("another secret that is longer than thirty-two bytes");
  expect(await auth.gate.open(await sign(claims, { alg: "HS256", typ: "JWT" }, otherKey))).toBeNull();
  expect(await auth.gate.open(new UnsecuredJWT(claims).encode())).toBeNull();
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const byRsa = await new SignJWT(claims).setProtectedHeader({ alg: "RS256", typ: "JWT" }).sign(privateKey);
  expect(await auth.gate.open(byRsa)).toBeNull();
});

test("refuses a token whose claims were raised under the old signature", async () => {
  const { auth, access_token, claims } = await prepare();
  const [header, , signature] = access_token.split(".");
  const raised = Buffer.from(JSON.stringify({ ...claims, role: "admin" })).toString("base64url");
  expect(await auth.gate.open(`${header}.${raised}.${signature}`)).toBeNull();
});

test("a role claim, even rightly signed, gives no rights", async () => {
  const { auth, claims } = await prepare();
  const token = await sign({ ...claims, role: "admin" }, { alg: "HS256", typ: "JWT" });
  expect(await auth.gate.open(token)).toMatchObject({ role: "user" });
});

test.each(["", ".", "..", "a.b.c", "null", "x".repeat(4096)])("refuses %j", async (token) => {
  const { auth } = createHarness();
  expect(await auth.gate.open(token)).toBeNull();
});
