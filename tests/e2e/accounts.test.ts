/** Logging in and out in the browser. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { Browser } from "playwright-core";
import { launchBrowser, noBrowser, visit } from "../helpers/browser.ts";
import { ADMIN_PASSWORD, startServer, type TestServer } from "../helpers/start-server.ts";
import { byId, login, logout, PATIENCE_MS, register, untilOnline } from "./page-actions.ts";

setDefaultTimeout(PATIENCE_MS);

const why = noBrowser === null ? "" : ` (skipped: ${noBrowser})`;

describe.skipIf(noBrowser !== null)(`accounts${why}`, () => {
  let server: TestServer;
  let browser: Browser;

  beforeAll(async () => {
    server = await startServer({ driver: "simulated" });
    browser = await launchBrowser();
  });

  afterAll(async () => {
    await browser?.close();
    await server?.dispose();
  });

  const visitor = () => visit(browser, { baseURL: server.url });

  test("a stranger is led to the login, and after it to where they wanted to go", async () => {
    const { page } = await visitor();
    await page.goto("/monitor");
    await page.waitForURL(/\/login/);
    await byId(page, "login-username").fill("admin");
    await byId(page, "login-password").fill(ADMIN_PASSWORD);
    await byId(page, "login-submit").click();
    await page.waitForURL(/\/monitor/);
    await untilOnline(page);
  });

  test("a wrong password and an unknown name are refused in the same words", async () => {
    const { page } = await visitor();
    const texts: string[] = [];
    for (const [name, password] of [
      ["admin", "wrong password"],
      ["nobody-here", "wrong password"],
    ] as const) {
      await login(page, name, password);
      await byId(page, "login-error").waitFor();
      texts.push(await byId(page, "login-error").innerText());
    }
    expect(texts[0]).toMatch(/\w/);
    expect(texts[0]).toBe(texts[1] ?? "");
    expect(page.url()).toContain("/login");
  });

  test("a name that is taken is refused", async () => {
    const first = await visitor();
    await register(first.page, "grace");
    const second = await visitor();
    await second.page.goto("/register");
    await byId(second.page, "register-username").fill("grace");
    await byId(second.page, "register-password").fill("another password");
    await byId(second.page, "register-submit").click();
    await second.page
      .getByText(/taken|exists|in use/i)
      .first()
      .waitFor();
  });

  test("logging out ends the other tab of the same session too, and logging in works again", async () => {
    const { page, context } = await visitor();
    await register(page, "linus");
    const other = await context.newPage();
    await other.goto("/");
    await untilOnline(other);
    await logout(page);
    await other.waitForURL(/\/login/);
    await page.goto("/");
    await page.waitForURL(/\/login/);
    await login(page, "linus");
    await untilOnline(page);
  });
});
