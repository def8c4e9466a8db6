/** Every page, dark and light, wide and narrow: nothing sticks out, nothing complains, everybody can use it. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { readFileSync } from "node:fs";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { launchBrowser, noBrowser, visit } from "../helpers/browser.ts";
import { ADMIN_PASSWORD, startServer, type TestServer } from "../helpers/start-server.ts";
import {
  byId,
  card,
  createVm,
  freshName,
  login,
  PATIENCE_MS,
  register,
  shoot,
  untilOnline,
  untilState,
} from "./page-actions.ts";

// One test looks at every page.
setDefaultTimeout(3 * PATIENCE_MS);

const why = noBrowser === null ? "" : ` (skipped: ${noBrowser})`;
const axeSource = readFileSync(Bun.resolveSync("axe-core/axe.min.js", import.meta.dir), "utf8");

const pages = [
  { name: "login", path: "/login", who: "guest" },
  { name: "register", path: "/register", who: "guest" },
  { name: "setup", path: "/setup?token=abc", who: "guest" },
  { name: "dashboard", path: "/", who: "ada" },
  { name: "dashboard-create", path: "/?new=1", who: "ada" },
  { name: "vm", path: "VM", who: "ada" },
  { name: "vm-overview", path: "VM?tab=overview", who: "ada" },
  { name: "vm-snapshots", path: "VM?tab=snapshots", who: "ada" },
  { name: "vm-activity", path: "VM?tab=activity", who: "ada" },
  { name: "vm-settings", path: "VM?tab=settings", who: "ada" },
  { name: "monitor", path: "/monitor", who: "ada" },
  { name: "jobs", path: "/jobs", who: "ada" },
  { name: "credits", path: "/credits", who: "ada" },
  { name: "account", path: "/account", who: "ada" },
  { name: "account-sessions", path: "/account?tab=sessions", who: "ada" },
  { name: "account-second-factor", path: "/account?tab=second-factor", who: "ada" },
  { name: "account-tokens", path: "/account?tab=tokens", who: "ada" },
  { name: "account-ssh-keys", path: "/account?tab=ssh-keys", who: "ada" },
  { name: "not-found", path: "/no/such/page", who: "ada" },
  { name: "admin-overview", path: "/admin", who: "admin" },
  { name: "admin-users", path: "/admin/users", who: "admin" },
  { name: "admin-user", path: "/admin/users/2", who: "admin" },
  { name: "admin-classes", path: "/admin/classes", who: "admin" },
  { name: "admin-vms", path: "/admin/vms", who: "admin" },
  { name: "admin-images", path: "/admin/images", who: "admin" },
  { name: "admin-settings", path: "/admin/settings", who: "admin" },
  { name: "admin-audit", path: "/admin/audit", who: "admin" },
  { name: "admin-for-others", path: "/admin", who: "ada" },
] as const;
const looks = (["guest", "ada", "admin"] as const).flatMap((who) =>
  (["light", "dark"] as const).flatMap((theme) => [1440, 390].map((width) => ({ who, theme, width }))),
);

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
  let admin: BrowserContext;
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
    const other = await visit(browser, { baseURL: server.url });
    admin = other.context;
    await login(other.page, "admin", ADMIN_PASSWORD);
    await untilOnline(other.page);
    const roster = { csv: "username,class\nmia,10A\nben,10A\n", dryRun: false };
    const headers = { origin: server.url };
    const made = await admin.request.post("/api/admin/roster", { data: roster, headers });
    expect(made.status()).toBe(200);
  });

  afterAll(async () => {
    await browser?.close();
    await server?.dispose();
  });

  for (const { theme, width, who } of looks) {
    test(`fit, keep quiet and are accessible: ${who}, ${theme}, ${width} px`, async () => {
      const visitor = await visit(browser, {
        ...{ baseURL: server.url, width, height: width === 390 ? 844 : 900, colorScheme: theme },
        ...(who !== "guest" && { as: who === "ada" ? ada : admin }),
      });
      const { page } = visitor;
      const faults: Record<string, unknown> = {};
      for (const { name: pageName, path } of pages.filter((one) => one.who === who)) {
        await page.goto(path.replace(/^VM/, vmPath));
        if (who !== "guest") await untilOnline(page);
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
      await visitor.context.close();
      expect(faults).toEqual({});
    });
  }
});
