/** Everything that matters can be done without a mouse. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { Browser, Page } from "playwright-core";
import { launchBrowser, noBrowser, visit } from "../helpers/browser.ts";
import { startServer, type TestServer } from "../helpers/start-server.ts";
import { byId, card, freshName, PASSWORD, PATIENCE_MS, untilOnline, untilState } from "./page-actions.ts";

setDefaultTimeout(PATIENCE_MS);

const why = noBrowser === null ? "" : ` (skipped: ${noBrowser})`;

/** Presses Tab until the focus is on `testId`. */
async function tabTo(page: Page, testId: string): Promise<void> {
  for (let presses = 0; presses < 60; presses++) {
    const focused = await page.evaluate<string | null>("document.activeElement?.getAttribute('data-testid')");
    if (focused === testId) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`Tab never comes to ${testId}`);
}

describe.skipIf(noBrowser !== null)(`keyboard${why}`, () => {
  const name = freshName("key");
  let server: TestServer;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    server = await startServer({ driver: "simulated" });
    browser = await launchBrowser();
    ({ page } = await visit(browser, { baseURL: server.url }));
  });

  afterAll(async () => {
    await browser?.close();
    await server?.dispose();
  });

  test("registers", async () => {
    await page.goto("/register");
    await tabTo(page, "register-username");
    await page.keyboard.type("ada");
    await tabTo(page, "register-password");
    await page.keyboard.type(PASSWORD);
    await page.keyboard.press("Enter");
    await untilOnline(page);
  });

  test("creates a VM, and Escape closes the dialog and gives the focus back", async () => {
    await tabTo(page, "create-vm");
    await page.keyboard.press("Enter");
    await byId(page, "create-dialog").waitFor();
    await page.keyboard.press("Escape");
    await byId(page, "create-dialog").waitFor({ state: "hidden" });
    expect(await page.evaluate("document.activeElement?.getAttribute('data-testid')")).toBe("create-vm");
    await page.keyboard.press("Enter");
    await byId(page, "create-dialog").waitFor();
    await tabTo(page, "create-name");
    await page.keyboard.type(name);
    await page.keyboard.press("Enter");
    await card(page, name).waitFor();
    await untilState(page, name, "running", 60_000);
  });

  test("destroys it after the question", async () => {
    await byId(card(page, name), "vm-destroy").first().focus();
    await page.keyboard.press("Enter");
    await byId(page, "destroy-name").waitFor();
    await tabTo(page, "destroy-name");
    await page.keyboard.type(name);
    await tabTo(page, "confirm-destroy");
    await page.keyboard.press("Enter");
    await card(page, name).waitFor({ state: "detached", timeout: 60_000 });
  });
});
