/** What a page shows while the server is away, and that it comes back by itself. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { Browser } from "playwright-core";
import { launchBrowser, noBrowser, visit, type Visitor } from "../helpers/browser.ts";
import { startServer, type TestServer } from "../helpers/start-server.ts";
import {
  byId,
  createVm,
  freshName,
  PATIENCE_MS,
  register,
  shoot,
  untilOnline,
  untilState,
} from "./page-actions.ts";

setDefaultTimeout(PATIENCE_MS);

const why = noBrowser === null ? "" : ` (skipped: ${noBrowser})`;

describe.skipIf(noBrowser !== null)(`a lost connection${why}`, () => {
  const name = freshName("off");
  let server: TestServer;
  let browser: Browser;
  let ada: Visitor;

  beforeAll(async () => {
    server = await startServer({ driver: "simulated" });
    browser = await launchBrowser();
    ada = await visit(browser, { baseURL: server.url });
    await register(ada.page, "ada");
    await createVm(ada.page, name);
    await untilState(ada.page, name, "running", 60_000);
  });

  afterAll(async () => {
    await browser?.close();
    await server?.dispose();
  });

  test("is said on the page, and old values are grey", async () => {
    await server.stop();
    await byId(ada.page, "stale-banner").waitFor();
    expect(await byId(ada.page, "stale-banner").getAttribute("role")).toBe("status");
    await ada.page.locator('[data-stale="true"]').first().waitFor();
    expect(await byId(ada.page, "connection-status").first().getAttribute("data-phase")).not.toBe("online");
    await shoot(ada.page, "offline-dashboard");
  });

  test("ends by itself when the server is back, with the session and the state of before", async () => {
    await server.start();
    await untilOnline(ada.page, 60_000);
    await byId(ada.page, "stale-banner").waitFor({ state: "hidden" });
    await ada.page.locator('[data-stale="true"]').first().waitFor({ state: "detached" });
    await untilState(ada.page, name, "running", 60_000);
    // The browser itself reports every try that failed.
    ada.forgive(/WebSocket connection to|ERR_CONNECTION_REFUSED|Failed to load resource/);
    expect(ada.faults).toEqual([]);
  });
});
