/** Every page, dark and light, wide and narrow: nothing sticks out, nothing complains, everybody can use it. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { readFileSync } from "node:fs";
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
  shoot,
  untilOnline,
  untilState,
} from "./page-actions.ts";

setDefaultTimeout(PATIENCE_MS);

const why = noBrowser === null ? "" : ` (skipped: ${noBrowser})`;
const axeSource = readFileSync(Bun.resolveSync("axe-core/axe.min.js", import.meta.dir), "utf8");

const pages = [
  { name: "login", path: "/login", isPublic: true },
  { name: "register", path: "/register", isPublic: true },
  { name: "setup", path: "/setup?token=abc", isPublic: true },
  { name: "dashboard", path: "/", isPublic: false },
  { name: "dashboard-create", path: "/?new=1", isPublic: false },
  { name: "vm", path: "VM", isPublic: false },
  { name: "vm-overview", path: "VM?tab=overview", isPublic: false },
  { name: "vm-snapshots", path: "VM?tab=snapshots", isPublic: false },
  { name: "vm-activity", path: "VM?tab=activity", isPublic: false },
  { name: "vm-settings", path: "VM?tab=settings", isPublic: false },
  { name: "monitor", path: "/monitor", isPublic: false },
  { name: "jobs", path: "/jobs", isPublic: false },
  { name: "not-found", path: "/no/such/page", isPublic: false },
] as const;
const looks = (["light", "dark"] as const).flatMap((theme) => [1440, 390].map((width) => ({ theme, width })));

interface Finding {
  readonly id: string;
  readonly impact: string;
  readonly nodes: string[];
}

/** Serious and critical findings. Injected by evaluate: the content policy rightly blocks a foreign script tag. */
async function findingsOf(page: Page): Promise<Finding[]> {
  await page.evaluate(axeSource);
  return page.evaluate<Finding[]>(`
    axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) =>
      violations
        .filter(({ impact }) => impact === "serious" || impact === "critical")
        .map(({ id, impact, nodes }) => ({
          id,
          impact,
          nodes: nodes.slice(0, 3).map((node) => node.html.slice(0, 160) + " " + (node.any[0]?.message ?? "")),
        })),
    )`);
}

/** What sticks out to the right, if the page can be pushed sideways. */
async function overflowOf(page: Page): Promise<string[]> {
  return page.evaluate<string[]>(`(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth <= clientWidth) return [];
    return [...document.querySelectorAll("body *")]
      .filter((element) => element.getBoundingClientRect().right > clientWidth + 1)
      .slice(0, 5)
      .map((element) => element.outerHTML.slice(0, 120));
  })()`);
}

describe.skipIf(noBrowser !== null)(`pages${why}`, () => {
  const name = freshName("page");
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
    await byId(card(page, name), "vm-open").first().click();
    await page.waitForURL(/\/vms\/\d+/);
    vmPath = new URL(page.url()).pathname;
  });

  afterAll(async () => {
    await browser?.close();
    await server?.dispose();
  });

  for (const { theme, width } of looks) {
    test(`fit, keep quiet and are accessible: ${theme}, ${width} px`, async () => {
      const options = {
        baseURL: server.url,
        width,
        height: width === 390 ? 844 : 900,
        colorScheme: theme,
      };
      const guest = await visit(browser, options);
      const user = await visit(browser, { ...options, as: ada });
      const faults: Record<string, unknown> = {};
      for (const { name: pageName, path, isPublic } of pages) {
        const visitor = isPublic ? guest : user;
        const { page } = visitor;
        await page.goto(path.replace(/^VM/, vmPath));
        if (!isPublic) await untilOnline(page);
        if (pageName === "vm") await page.locator('[data-testid="terminal"][data-phase="open"]').waitFor();
        await shoot(page, `${pageName}-${theme}-${width}`);
        const found = {
          overflow: await overflowOf(page),
          complaints: visitor.faults.splice(0),
          // The tree is the same at both widths but for what is folded away.
          axe: width === 1440 ? await findingsOf(page) : [],
        };
        if (Object.values(found).some((list) => list.length > 0)) faults[pageName] = found;
      }
      await guest.context.close();
      await user.context.close();
      expect(faults).toEqual({});
    });
  }
});
