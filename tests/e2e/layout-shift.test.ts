/** Nothing on a page moves by itself while its data arrives. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { launchBrowser, noBrowser, visit } from "../helpers/browser.ts";
import { startServer, type TestServer } from "../helpers/start-server.ts";
import {
  byId,
  card,
  createVm,
  freshName,
  PATIENCE_MS,
  register,
  untilOnline,
  untilState,
} from "./page-actions.ts";

setDefaultTimeout(PATIENCE_MS);

const why = noBrowser === null ? "" : ` (skipped: ${noBrowser})`;
/** A fifth of what counts as good (https://web.dev/articles/cls). */
const MOST = 0.02;

interface Shift {
  readonly value: number;
  readonly moved: string[];
}

async function shiftsOf(page: Page): Promise<Shift[]> {
  return page.evaluate<Shift[]>(`new Promise((resolve) => {
    const nameOf = (node) =>
      (node?.tagName ?? String(node?.nodeName)) + " " + (node?.getAttribute?.("class") ?? "").slice(0, 60);
    const observer = new PerformanceObserver((list) => {
      observer.disconnect();
      resolve(list.getEntries().filter((entry) => !entry.hadRecentInput).map((entry) => ({
        value: entry.value,
        moved: entry.sources.map(({ node }) => nameOf(node)),
      })));
    });
    observer.observe({ type: "layout-shift", buffered: true });
    // An observer that has nothing to tell is not called.
    requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => resolve([]), 500)));
  })`);
}

describe.skipIf(noBrowser !== null)(`layout${why}`, () => {
  const name = freshName("calm");
  let server: TestServer;
  let browser: Browser;
  let ada: BrowserContext;
  let vmPath = "";

  beforeAll(async () => {
    server = await startServer({ driver: "simulated" });
    browser = await launchBrowser();
    const { page, context } = await visit(browser, { baseURL: server.url });
    ada = context;
    await register(page, "ada");
    await createVm(page, name);
    await untilState(page, name, "running", 30_000);
    vmPath = (await byId(card(page, name), "vm-open").first().getAttribute("href")) ?? "";
    await page.close();
  });

  afterAll(async () => {
    await browser?.close();
    await server?.dispose();
  });

  const drawn = (page: Page) => page.locator("canvas").nth(3).waitFor();
  const pages = [
    { path: () => "/", ready: (page: Page) => byId(page, `sparkline-${name}`).waitFor() },
    { path: () => "/monitor", ready: drawn },
    {
      path: () => vmPath,
      ready: (page: Page) => page.locator('[data-testid="terminal"][data-phase="open"]').waitFor(),
    },
    { path: () => `${vmPath}?tab=metrics`, ready: drawn },
  ];

  for (const width of [1440, 390])
    test(`stays where it is when data arrives, ${width} px`, async () => {
      const height = width === 390 ? 844 : 900;
      const { page, context } = await visit(browser, { baseURL: server.url, width, height, as: ada });
      const restless: Record<string, Shift[]> = {};
      for (const { path, ready } of pages) {
        await page.goto(path());
        await untilOnline(page);
        await ready(page);
        const shifts = await shiftsOf(page);
        if (shifts.reduce((sum, { value }) => sum + value, 0) >= MOST) restless[path()] = shifts;
      }
      await context.close();
      expect(restless).toEqual({});
    });
});
