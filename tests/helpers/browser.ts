/** A headless Chromium whose pages are watched: whatever they complain about is a fault of ours. */
import { existsSync } from "node:fs";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";

const CHROMIUM = "/usr/bin/chromium";

/** A browser notices when networks of VMs come and go on the machine, drops what it is loading and loads it again. */
const NETWORK_CHANGED = "ERR_NETWORK_CHANGED";

/** Null when there is a browser, else why there is none. */
export const noBrowser: string | null = existsSync(CHROMIUM) ? null : `no browser: ${CHROMIUM} is missing`;

export async function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: CHROMIUM,
    args: [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      // Without WebGL xterm.js draws with the DOM, where the text can be read.
      "--disable-3d-apis",
    ],
  });
}

export interface Visitor {
  readonly context: BrowserContext;
  readonly page: Page;
  /** Console errors, uncaught exceptions and violations of the content policy, as they happened. */
  readonly faults: string[];
  /** Forgets the faults that a test provoked on purpose. */
  forgive(pattern: RegExp): void;
}

export interface VisitorOptions {
  readonly width?: number;
  readonly height?: number;
  readonly colorScheme?: "light" | "dark";
  readonly baseURL: string;
  /** Starts with this one's cookies: the same user in another browser. */
  readonly as?: BrowserContext;
}

export async function visit(browser: Browser, options: VisitorOptions): Promise<Visitor> {
  const { width = 1440, height = 900, colorScheme = "light", baseURL } = options;
  const context = await browser.newContext({
    baseURL,
    colorScheme,
    viewport: { width, height },
    reducedMotion: "reduce",
  });
  context.setDefaultTimeout(60_000);
  if (options.as) await context.addCookies(await options.as.cookies());
  const faults: string[] = [];
  // Seen by the page itself, because a report alone need not reach the console.
  await context.exposeFunction("twargaTestViolation", (text: string) => void faults.push(text));
  await context.addInitScript(() => {
    addEventListener("securitypolicyviolation", (event) => {
      const report = Reflect.get(globalThis, "twargaTestViolation");
      const what = ["violatedDirective", "blockedURI", "sourceFile"].map((name) => Reflect.get(event, name));
      if (typeof report === "function") report(`policy: ${what.join(" ")}`);
    });
  });
  context.on("weberror", (webError) => faults.push(`exception: ${webError.error().message}`));
  context.on("console", (message) => {
    if (message.type() !== "error") return;
    const { url } = message.location();
    // Asking who is logged in is how a page finds out that nobody is; Chromium itself reports the 401.
    if (url.endsWith("/api/auth/me") && message.text().includes("401")) return;
    if (message.text().includes(NETWORK_CHANGED)) return;
    faults.push(`console: ${message.text()} (${url})`);
  });
  const page = await context.newPage();
  return {
    context,
    page,
    faults,
    forgive(pattern) {
      const kept = faults.filter((fault) => !pattern.test(fault));
      faults.splice(0, faults.length, ...kept);
    },
  };
}
