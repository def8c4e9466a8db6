/** Where the CLI keeps its session, and whom it tells. */
import { afterEach, describe, expect, test } from "bun:test";
import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  forgetSession,
  readSession,
  serverUrl,
  sessionPath,
  tokenFor,
  writeSession,
} from "../../server/cli/session-file.ts";

const homes: string[] = [];
afterEach(() => {
  for (const home of homes.splice(0)) rmSync(home, { recursive: true });
});

function freshHome(): { HOME: string } {
  const home = mkdtempSync(join(tmpdir(), "twarga-cli-"));
  homes.push(home);
  return { HOME: home };
}

const session = { url: "http://cloud:8000", token: "secret", username: "ada", expiresAtMs: 1 };

describe("session file", () => {
  test("is readable by its owner alone, also when it was open before", () => {
    const env = freshHome();
    writeSession(env, session);
    expect(sessionPath(env)).toBe(join(env.HOME, ".config/twarga/session.json"));
    chmodSync(sessionPath(env), 0o644);
    writeSession(env, session);
    expect(statSync(sessionPath(env)).mode & 0o777).toBe(0o600);
    expect(readSession(env)).toEqual(session);
  });

  test("counts as absent when it is damaged or gone", () => {
    const env = freshHome();
    expect(readSession(env)).toBeNull();
    writeSession(env, session);
    writeFileSync(sessionPath(env), "{");
    expect(readSession(env)).toBeNull();
    forgetSession(env);
    forgetSession(env);
  });

  test("goes where XDG_CONFIG_HOME says", () => {
    expect(sessionPath({ HOME: "/home/ada", XDG_CONFIG_HOME: "/etc/ada" })).toBe(
      "/etc/ada/twarga/session.json",
    );
  });

  test("gives its token to the server it came from and to no other", () => {
    const env = freshHome();
    writeSession(env, session);
    expect(tokenFor(env, "http://cloud:8000")).toBe("secret");
    expect(tokenFor(env, "http://cloud:8001")).toBeNull();
    expect(tokenFor({ ...env, TWARGA_TOKEN: "other" }, "http://cloud:8001")).toBe("other");
  });

  test("remembers the address; option and variable go first", () => {
    const env = freshHome();
    expect(serverUrl(env, undefined)).toBe("http://127.0.0.1:8000");
    writeSession(env, session);
    expect(serverUrl(env, undefined)).toBe("http://cloud:8000");
    expect(serverUrl({ ...env, TWARGA_URL: "https://b/" }, undefined)).toBe("https://b");
    expect(serverUrl({ ...env, TWARGA_URL: "https://b" }, "http://c")).toBe("http://c");
    expect(() => serverUrl(env, "ftp://c")).toThrow("http://");
  });
});
