/** What a browser fetches before anything can be seen stays small, and pages for administrators are no part of it. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { Browser, Page } from "playwright-core";
import { launchBrowser, noBrowser, visit } from "../helpers/browser.ts";
import { startServer, type TestServer } from "../helpers/start-server.ts";
import { byId, PATIENCE_MS, register } from "./page-actions.ts";

setDefaultTimeout(PATIENCE_MS);

const why = noBrowser === null ? "" : ` (skipped: ${noBrowser})`;
/** About a second on a 1.6 Mbit/s line. */
const FIRST_LOAD_BYTES = 150_000;

describe.skipIf(noBrowser !== null)(`the first load${why}`, () => {
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

  /** Names and bytes as gzip would send them, of every script that the page has fetched. */
  async function scriptsOf(page: Page): Promise<Map<string, number>> {
    const paths = await page.evaluate<string[]>(
      `performance.getEntriesByType("resource").map(({ name }) => new URL(name).pathname)
        .filter((path) => path.endsWith(".js"))`,
    );
    const sizes = new Map<string, number>();
    for (const path of new Set(paths)) {
      const body = await (await fetch(new URL(path, server.url))).bytes();
      sizes.set(path, Bun.gzipSync(body).length);
    }
    return sizes;
  }

  test("of the login takes less than 150 kB of script", async () => {
    const { page } = await visit(browser, { baseURL: server.url });
    await page.goto("/login");
    await byId(page, "login-submit").waitFor();
    const sizes = await scriptsOf(page);
    const total = [...sizes.values()].reduce((sum, size) => sum + size, 0);
    expect(sizes.size).toBeGreaterThan(1);
    expect(total).toBeLessThan(FIRST_LOAD_BYTES);
  });

  test("of a user fetches no page for administrators", async () => {
    const { page } = await visit(browser, { baseURL: server.url });
    await register(page, "ada");
    const names = [...(await scriptsOf(page)).keys()].join(" ");
    expect(names).toContain("DashboardPage");
    for (const name of ["UsersPage", "UserPage", "ClassesPage", "AllVmsPage", "ImagesPage", "AuditPage"])
      expect(names).not.toContain(name);
  });
});
