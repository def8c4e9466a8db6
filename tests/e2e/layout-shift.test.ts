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
/** A tenth of what counts as good (https://web.dev/articles/cls). */
const MOST = 0.01;
/** Longer than a frame: what the server sends in one breath is painted piece by piece, as on a slow machine. */
const APART_MS = 50;

interface Shift {
  readonly value: number;
  readonly atMs: number;
  /** Element, and its place (x y width height) before and after. */
  readonly moved: string[];
}

/** Long enough for what a painted value may still push aside. */
const SETTLE_MS = 500;

/** Writes down every shift from the first paint on; one that comes late is not missed. */
async function noteShifts(page: Page): Promise<() => Promise<Shift[]>> {
  await page.addInitScript(`
    globalThis.notedShifts = [];
    const nameOf = (node) =>
      (node?.tagName ?? String(node?.nodeName)) + " " + (node?.getAttribute?.("class") ?? "").slice(0, 60);
    const placeOf = ({ x, y, width, height }) => [x, y, width, height].map(Math.round).join(" ");
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) if (!entry.hadRecentInput) notedShifts.push({
        value: entry.value,
        atMs: Math.round(entry.startTime),
        moved: entry.sources.map(({ node, previousRect, currentRect }) =>
          nameOf(node) + ": " + placeOf(previousRect) + " -> " + placeOf(currentRect)),
      });
    }).observe({ type: "layout-shift", buffered: true });
  `);
  return async () => {
    await page.waitForTimeout(SETTLE_MS);
    return page.evaluate<Shift[]>("notedShifts");
  };
}

/** Lets every message of the server arrive in a frame of its own, whatever the speed of the machine. */
async function spreadMessages(page: Page): Promise<void> {
  await page.routeWebSocket(/./, (socket) => {
    let lastMs = 0;
    socket.connectToServer().onMessage((message) => {
      const nowMs = Date.now();
      lastMs = Math.max(nowMs, lastMs + APART_MS);
      setTimeout(() => socket.send(message), lastMs - nowMs);
    });
  });
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
    await untilState(page, name, "running", 60_000);
    vmPath = (await byId(card(page, name), "vm-open").first().getAttribute("href")) ?? "";
    await page.close();
  });

  afterAll(async () => {
    await browser?.close();
    await server?.dispose();
  });

  const drawn = (page: Page) => page.locator("canvas").nth(3).waitFor();
  const pages = [
    {
      path: () => "/",
      ready: async (page: Page) => {
        await byId(page, `sparkline-${name}`).waitFor();
        // The values of the host come by a way of their own.
        await page.locator('[role="meter"]:not([aria-valuetext="no value yet"])').nth(2).waitFor();
      },
    },
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
      await spreadMessages(page);
      const shiftsOf = await noteShifts(page);
      const restless: Record<string, Shift[]> = {};
      for (const { path, ready } of pages) {
        await page.goto(path());
        await untilOnline(page);
        await ready(page);
        const shifts = await shiftsOf();
        if (shifts.reduce((sum, { value }) => sum + value, 0) >= MOST) restless[path()] = shifts;
      }
      await context.close();
      expect(restless).toEqual({});
    });
});
