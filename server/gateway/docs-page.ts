/** `/docs`: Swagger UI from the installed package, without internet and under our content security policy. */
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <title>Twarga Cloud API</title>
    <link rel="stylesheet" href="/docs/swagger-ui.css" />
    <link rel="stylesheet" href="/docs/page.css" />
    <link rel="icon" type="image/png" href="/docs/favicon-32x32.png" />
  </head>
  <body>
    <div id="swagger-ui"></div>
    <script src="/docs/swagger-ui-bundle.js"></script>
    <script src="/docs/start.js"></script>
  </body>
</html>
`;

/** A file of its own, because the policy allows no script inside the page. */
const START_SCRIPT = `const dark = matchMedia("(prefers-color-scheme: dark)");
const paint = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", paint);
paint();
SwaggerUIBundle({
  url: "/docs/openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  validatorUrl: null,
  persistAuthorization: false,
});
`;

const PAGE_STYLE = `body { margin: 0; background: #fff; }
html.dark-mode body { background: #1c2022; }
`;

const MADE_HERE: Readonly<Record<string, readonly [string, string]>> = {
  "": [PAGE, "text/html; charset=utf-8"],
  "start.js": [START_SCRIPT, "text/javascript; charset=utf-8"],
  "page.css": [PAGE_STYLE, "text/css; charset=utf-8"],
};

/** Nothing else of the package is reachable. */
const FROM_PACKAGE: ReadonlySet<string> = new Set([
  "swagger-ui.css",
  "swagger-ui-bundle.js",
  "favicon-32x32.png",
]);

/** The file below `/docs`, `openapi.json` included, or null when there is none. */
export function docsResponse(name: string, openApi: () => string): Response | null {
  if (name === "openapi.json") {
    return new Response(openApi(), { headers: { "content-type": "application/json; charset=utf-8" } });
  }
  const made = Object.hasOwn(MADE_HERE, name) ? MADE_HERE[name] : undefined;
  if (made) return new Response(made[0], { headers: { "content-type": made[1] } });
  if (!FROM_PACKAGE.has(name)) return null;
  const folder = dirname(fileURLToPath(import.meta.resolve("swagger-ui-dist/package.json")));
  return new Response(Bun.file(join(folder, name)), { headers: { "cache-control": "max-age=3600" } });
}
