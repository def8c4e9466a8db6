/** Uploading a file over real HTTP: who may, how much, how slow, and that nothing is left of what did not come whole. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { UploadStore } from "../../../server/features/images/upload-store.ts";
import { ManualClock } from "../../helpers/manual-clock.ts";
import { waitFor } from "../../helpers/wait-for.ts";
import { ada, type Fixture, startGateway, root } from "./fixture.ts";

const LIMIT = 3 * 1024 * 1024;
const TYPE = "application/octet-stream";

let dir: string;
let clock: ManualClock;
let fixture: Fixture;
const sockets: Socket[] = [];

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "twarga-uploads-"));
  clock = new ManualClock();
  fixture = startGateway({ clock, uploads: new UploadStore(dir, LIMIT) });
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await fixture.stop();
  rmSync(dir, { recursive: true });
});

const files = () => {
  try {
    return readdirSync(join(dir, ".uploads"));
  } catch {
    return [];
  }
};

function put(body: BodyInit, headers: Record<string, string> = {}): Promise<Response> {
  const all = { authorization: `Bearer ${root.token}`, "content-type": TYPE, ...headers };
  return fetch(`${fixture.http}/api/admin/uploads`, { method: "PUT", body, headers: all });
}

const codeOf = async (response: Response) => {
  const body: { error?: { code: string } } = await response.json();
  return `${response.status} ${body.error?.code}`;
};

/** A sender that speaks when it is told to. */
async function sender(length: number): Promise<Socket> {
  const { port } = new URL(fixture.http);
  const socket = connect(Number(port), "127.0.0.1");
  sockets.push(socket);
  socket.on("error", () => {});
  socket.write(
    `PUT /api/admin/uploads HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAuthorization: Bearer ${root.token}\r\n` +
      `Content-Type: ${TYPE}\r\nContent-Length: ${length}\r\n\r\n`,
  );
  socket.write(Buffer.alloc(1000, "a"));
  await waitFor("the file to be begun", () => files().length > 0);
  return socket;
}

describe("a file is stored", () => {
  test("as it came, under a random name that only the server can read", async () => {
    const bytes = crypto.getRandomValues(new Uint8Array(60_000));
    const response = await put(bytes, { "x-file-name": "../../etc/passwd" });
    expect(response.status).toBe(201);
    const answer: { uploadId: string; sizeBytes: number } = await response.json();
    expect(answer.sizeBytes).toBe(60_000);
    expect(answer.uploadId).toMatch(/^[0-9a-f]{32}$/);
    expect(files()).toEqual([`${answer.uploadId}.box`]);
    expect(readFileSync(join(dir, ".uploads", `${answer.uploadId}.box`))).toEqual(Buffer.from(bytes));
  });

  test("in pieces of unknown number too", async () => {
    const pieces = new ReadableStream({
      async start(controller) {
        for (let n = 0; n < 5; n++) controller.enqueue(new Uint8Array(1000));
        controller.close();
      },
    });
    expect((await put(pieces)).status).toBe(201);
  });
});

describe("a file is refused", () => {
  test("of strangers, of users, and of tokens that may only read", async () => {
    expect(await codeOf(await put("x", { authorization: "Bearer nobody" }))).toBe("401 unauthenticated");
    expect(await codeOf(await put("x", { authorization: `Bearer ${ada.token}` }))).toBe("403 forbidden");
    const reader = fixture.gate.byToken.get(root.token);
    if (reader) fixture.gate.byToken.set("reader", { ...reader, kind: "token", scope: "read" });
    expect(await codeOf(await put("x", { authorization: "Bearer reader" }))).toBe("403 forbidden");
    expect(files()).toEqual([]);
  });

  test("of a page of another site, and of a cookie without a page", async () => {
    const cookie = { authorization: "", cookie: `twarga_session=${root.token}` };
    expect(await codeOf(await put("x", { ...cookie, origin: "https://evil.example" }))).toBe("403 forbidden");
    expect(await codeOf(await put("x", cookie))).toBe("403 forbidden");
    expect((await put("x", { ...cookie, origin: fixture.http })).status).toBe(201);
  });

  test("of another type, or empty", async () => {
    expect(await codeOf(await put("{}", { "content-type": "application/json" }))).toBe("415 bad_frame");
    expect(await codeOf(await put(""))).toBe("400 bad_frame");
    expect(files()).toEqual([]);
  });

  test("that says it is too large, at once, and one that turns out to be, on the way", async () => {
    expect(await codeOf(await put(new Uint8Array(LIMIT + 1)))).toBe("413 too_large");
    let sent = 0;
    const endless = new ReadableStream({
      pull(controller) {
        sent += 65_536;
        controller.enqueue(new Uint8Array(65_536));
      },
    });
    // A sender that is still talking may lose the answer with the connection.
    const answer = await put(endless)
      .then(codeOf)
      .catch(() => "cut");
    expect(["413 too_large", "cut"]).toContain(answer);
    expect(sent).toBeLessThan(100 * LIMIT);
    await waitFor("the rest to be removed", () => files().length === 0);
  });

  test("whose sender goes away half way", async () => {
    const socket = await sender(50_000);
    socket.destroy();
    await waitFor("the half file to be removed", () => files().length === 0);
  });

  test("whose sender falls silent", async () => {
    const socket = await sender(50_000);
    let answer = "";
    socket.on("data", (bytes) => void (answer += bytes.toString()));
    await waitFor("the silence to be noticed", () => {
      clock.advance(21_000);
      return answer.includes("408") && files().length === 0;
    });
    expect(answer).toContain("did not arrive in time");
  });

  test("whose sender lost the right to it meanwhile", async () => {
    const socket = await sender(1001);
    let answer = "";
    socket.on("data", (bytes) => void (answer += bytes.toString()));
    fixture.gate.byToken.delete(root.token);
    socket.write("b");
    await waitFor("the answer", () => answer.includes("403"));
    expect(files()).toEqual([]);
  });

  test("when two others are on their way in", async () => {
    await sender(50_000);
    await sender(50_000);
    await waitFor("both to be begun", () => files().length === 2);
    const response = await put("x");
    expect(response.headers.get("retry-after")).toBe("60");
    expect(await codeOf(response)).toBe("429 rate_limited");
  });
});

test("other addresses still refuse large bodies", async () => {
  const body = JSON.stringify({ username: "x".repeat(LIMIT - 1000), password: "y" });
  const headers = { "content-type": "application/json" };
  const response = await fetch(`${fixture.http}/api/auth/login`, { method: "POST", body, headers });
  expect(response.status).toBe(413);
});

test("another verb is told which one is right", async () => {
  const response = await fetch(`${fixture.http}/api/admin/uploads`);
  expect(response.status).toBe(405);
  expect(response.headers.get("allow")).toBe("PUT");
});
