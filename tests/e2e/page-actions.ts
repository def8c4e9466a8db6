/** What a person does on the pages, in the words of the tests. */
import { join } from "node:path";
import type { Locator, Page } from "playwright-core";
import { waitFor } from "../helpers/wait-for.ts";

export const outDir = join(import.meta.dir, "out");
export const PASSWORD = "correct horse battery";

/** What one step may take on a machine that has much else to do; nothing waits for it to pass. */
export const PATIENCE_MS = 200_000;

/** Short, as a name becomes part of a domain's name, and unlike those of a run before. */
export function freshName(prefix: string): string {
  return `${prefix}-${Math.floor(Math.random() * 36 ** 4)
    .toString(36)
    .padStart(4, "0")}`;
}

export function byId(scope: Page | Locator, testId: string): Locator {
  return scope.locator(`[data-testid="${testId}"]`);
}

export async function register(page: Page, username: string): Promise<void> {
  await page.goto("/register");
  await byId(page, "register-username").fill(username);
  await byId(page, "register-password").fill(PASSWORD);
  await byId(page, "register-submit").click();
  await untilOnline(page);
}

export async function login(page: Page, username: string, password = PASSWORD): Promise<void> {
  await page.goto("/login");
  await byId(page, "login-username").fill(username);
  await byId(page, "login-password").fill(password);
  await byId(page, "login-submit").click();
}

export async function logout(page: Page): Promise<void> {
  await byId(page, "user-menu").click();
  await byId(page, "logout").click();
  await page.waitForURL(/\/login/);
}

export async function untilOnline(page: Page, timeoutMs = 60_000): Promise<void> {
  await page
    .locator('[data-testid="connection-status"][data-phase="online"]')
    .waitFor({ timeout: timeoutMs });
}

export function card(page: Page, name: string): Locator {
  return byId(page, `vm-card-${name}`);
}

export async function createVm(page: Page, name: string): Promise<void> {
  await byId(page, "create-vm").first().click();
  await byId(page, "create-name").fill(name);
  await byId(page, "create-submit").click();
  await byId(page, "create-dialog").waitFor({ state: "hidden" });
  await card(page, name).waitFor();
}

/** Fails at once, with the reason on the card, when the VM fails instead. */
export async function untilState(page: Page, name: string, state: string, timeoutMs: number): Promise<void> {
  const shown = card(page, name);
  let seen: string | null = null;
  await waitFor(
    `${name} to be ${state}`,
    async () => {
      seen = await shown.getAttribute("data-state");
      return seen === state || (seen === "failed" && state !== "failed");
    },
    { timeoutMs, everyMs: 50, describe: () => String(seen) },
  );
  if (seen !== state) throw new Error(`${name} is ${seen}: ${await shown.innerText()}`);
}

/** On the page of a VM. */
export async function untilPageState(page: Page, state: string, timeoutMs = 60_000): Promise<void> {
  await page
    .locator(`[data-testid="vm-state"][data-state="${state}"]`)
    .first()
    .waitFor({ timeout: timeoutMs });
}

/** Opens a part of the page of a VM. */
export async function openTab(page: Page, name: string): Promise<void> {
  await page.getByRole("tab", { name }).click();
}

/** Answers the question that comes after the click on "destroy": the name has to be typed. */
export async function confirmDestroy(page: Page, name: string): Promise<void> {
  await byId(page, "destroy-name").fill(name);
  await byId(page, "confirm-destroy").click();
}

/** Begins to write down every state the card of `name` takes; the answer is asked for later. */
export async function noteStates(page: Page, name: string): Promise<() => Promise<string[]>> {
  const selector = JSON.stringify(`[data-testid="vm-card-${name}"]`);
  await page.evaluate(`
    globalThis.notedStates = [];
    const look = () => {
      const state = document.querySelector(${selector})?.getAttribute("data-state");
      if (state && notedStates.at(-1) !== state) notedStates.push(state);
    };
    new MutationObserver(look).observe(document.body, { subtree: true, childList: true, attributes: true });
    look();
  `);
  return () => page.evaluate<string[]>("globalThis.notedStates");
}

/**
 * Opens the output of a job on the card of `name` as soon as the job is there, and tells the role of its progress.
 * Done in the page: a simulated job may be over before a busy machine has brought a click to it.
 */
export async function openOutputAtOnce(page: Page, name: string): Promise<() => Promise<string | null>> {
  const selector = JSON.stringify(`[data-testid="vm-card-${name}"]`);
  await page.evaluate(`
    globalThis.openedOutput = new Promise((resolve) => {
      new MutationObserver((_changes, observer) => {
        const shown = document.querySelector(${selector});
        const progress = shown?.querySelector('[data-testid="job-progress"]');
        const toggle = shown?.querySelector('[data-testid="job-toggle"]');
        if (!progress || !toggle) return;
        observer.disconnect();
        toggle.click();
        resolve(progress.getAttribute("role"));
      }).observe(document.body, { subtree: true, childList: true });
    });
    null;
  `);
  return () => page.evaluate<string | null>("globalThis.openedOutput");
}

/** What the screen of the terminal shows, row by row, without blanks at the ends. */
export async function screenText(page: Page): Promise<string> {
  const rows = await byId(page, "terminal").locator(".xterm-rows").innerText();
  // The DOM renderer pads with no-break spaces.
  return rows.replaceAll("\u00a0", " ").replaceAll(/ +$/gm, "");
}

export async function untilScreen(page: Page, pattern: RegExp, timeoutMs = 60_000): Promise<string> {
  let seen = "";
  return waitFor(
    `${pattern} on the screen`,
    async () => {
      seen = await screenText(page);
      return pattern.test(seen) ? seen : null;
    },
    { timeoutMs, everyMs: 50, describe: () => seen },
  );
}

export async function typeInTerminal(page: Page, text: string): Promise<void> {
  await byId(page, "terminal").click();
  await page.keyboard.type(text);
  await page.keyboard.press("Enter");
}

/** Waits until the text of `testId` is another than now. */
export async function untilMoves(page: Page, testId: string, timeoutMs = 60_000): Promise<void> {
  const before = await byId(page, testId).first().innerText();
  await waitFor(
    `${testId} to move from ${before}`,
    async () => {
      const now = await byId(page, testId).first().innerText();
      return now !== before;
    },
    { timeoutMs, everyMs: 100 },
  );
}

export async function shoot(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: join(outDir, `${name}.png`), fullPage: true });
}
