/** Takes the pictures of the documents, with real VMs where Vagrant works: `bun tests/e2e/take-screenshots.ts`. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { launchBrowser, noBrowser, visit, type Visitor } from "../helpers/browser.ts";
import { noVagrant } from "../helpers/machine.ts";
import { ADMIN_PASSWORD, projectDir, startServer } from "../helpers/start-server.ts";
import {
  byId,
  card,
  confirmDestroy,
  createVm,
  login,
  openTab,
  register,
  typeInTerminal,
  untilOnline,
  untilScreen,
  untilState,
} from "./page-actions.ts";

const outDir = join(projectDir, "docs", "screenshots");
/** A page of the documents must open at once. */
const MOST_BYTES = 150_000;
const BOOT_MS = 400_000;
/** Sparklines show two minutes. */
const FILL_MS = 100_000;

/** Something to see in the charts: short bursts of work with pauses between. */
const bursts = (seconds: number) =>
  `while :; do dd if=/dev/zero of=/tmp/f bs=64k count=200 2>/dev/null; i=0; while [ $i -lt 4000 ]; do i=$((i+1)); done; sleep ${seconds}; done &`;
const colours =
  "for i in 1 2 3 4 5 6; do printf '\\033[3%sm%s\\033[0m ' $i ready; done; echo; uname -a; df -h /; free -m; ls --color=always /";

async function take(page: Page, name: string): Promise<void> {
  const bytes = await page.screenshot({ path: join(outDir, `${name}.png`) });
  if (bytes.length > MOST_BYTES) throw new Error(`${name}.png has ${bytes.length} bytes`);
  console.log(`${name}.png`, bytes.length);
}

async function openTerminal(page: Page, name: string): Promise<void> {
  await page.goto("/");
  await untilOnline(page);
  await byId(card(page, name), "vm-open").first().click();
  await page.locator('[data-testid="terminal"][data-phase="open"]').waitFor({ timeout: 60_000 });
  await untilScreen(page, /[$#] *$/m);
}

/** Pages that are shown in both looks. */
async function takeBoth(page: Page, name: string): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await page.locator(`html[data-theme="${colorScheme}"]`).waitFor();
    await untilSettled(page);
    await untilQuiet(page);
    await take(page, `${name}-${colorScheme}`);
  }
}

/** Colours fade from one look to the other; a picture taken on the way shows neither. */
async function untilSettled(page: Page): Promise<void> {
  await page.evaluate(
    "new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))",
  );
  await page.waitForFunction(
    "!document.getAnimations().some((one) => one instanceof CSSTransition && one.playState === 'running')",
  );
}

/** No notice lies over the page. */
async function untilQuiet(page: Page): Promise<void> {
  await page.locator("[data-sonner-toast]").first().waitFor({ state: "detached" });
}

async function setScene(page: Page): Promise<void> {
  for (const name of ["web01", "db01", "playground"]) await createVm(page, name);
  for (const name of ["web01", "db01", "playground"]) await untilState(page, name, "running", BOOT_MS);
  for (const [name, pause] of [
    ["web01", 2],
    ["db01", 5],
  ] as const) {
    await openTerminal(page, name);
    await typeInTerminal(page, bursts(pause));
  }
  await page.goto("/");
  await untilOnline(page);
  await byId(card(page, "playground"), "vm-stop").first().click();
  await untilState(page, "playground", "stopped", BOOT_MS);
  await Bun.sleep(FILL_MS);
}

async function takeAll(page: Page): Promise<void> {
  await openTerminal(page, "web01");
  await typeInTerminal(page, `clear; ${colours}`);
  await untilScreen(page, /Mem[\s\S]*[$#] *$/m);
  await take(page, "vm-terminal");
  await page.goto("/monitor");
  await page.locator("canvas").nth(3).waitFor();
  await byId(page, "host-cpu").getByText("%").waitFor();
  await Bun.sleep(2_000);
  await take(page, "monitoring");
  await page.goto("/");
  await untilOnline(page);
  await createVm(page, "lab-42");
  await untilQuiet(page);
  await take(page, "dashboard");
}

async function takeVmPages(page: Page): Promise<void> {
  await openTerminal(page, "web01");
  await openTab(page, "Snapshots");
  for (const name of ["fresh", "with-web-server"]) {
    await byId(page, "snapshot-new").click();
    await byId(page, "snapshot-name").fill(name);
    await byId(page, "snapshot-submit").click();
    await page.locator(`[data-testid="snapshot-${name}"][data-state="ready"]`).waitFor({ timeout: BOOT_MS });
  }
  await takeBoth(page, "vm-snapshots");
  await openTab(page, "Settings");
  await byId(page, "resize-submit").waitFor();
  await takeBoth(page, "vm-settings");
}

async function takeAdminPages({ page }: Visitor): Promise<void> {
  await login(page, "admin", ADMIN_PASSWORD);
  await untilOnline(page);
  await page.goto("/admin");
  await byId(page, "admin-overview").waitFor();
  await takeBoth(page, "admin");
}

async function clearAway(page: Page): Promise<void> {
  await page.goto("/");
  await untilOnline(page);
  await byId(page, "create-vm").first().waitFor();
  for (const name of ["lab-42", "web01", "db01", "playground"]) {
    const shown = card(page, name);
    // A run that broke off has not come so far.
    if ((await shown.count()) === 0) continue;
    await byId(shown, "vm-destroy").first().click();
    await confirmDestroy(page, name);
    await shown.waitFor({ state: "detached", timeout: BOOT_MS });
  }
}

if (noBrowser) throw new Error(noBrowser);
mkdirSync(outDir, { recursive: true });
const server = await startServer({ driver: noVagrant === null ? "vagrant" : "simulated" });
const browser = await launchBrowser();
try {
  const { page } = await visit(browser, { baseURL: server.url, colorScheme: "dark" });
  await register(page, "ada");
  try {
    await setScene(page);
    await takeAll(page);
    await takeVmPages(page);
    await takeAdminPages(await visit(browser, { baseURL: server.url }));
  } finally {
    await page.emulateMedia({ colorScheme: "dark", reducedMotion: "reduce" });
    await clearAway(page);
  }
} finally {
  await browser.close();
  await server.dispose();
}
