/** The runtime, the packages and the built page. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { dependencies } from "../../../package.json";
import { type Check, ok, optional, problem } from "./check.ts";

export function checkBun(): Check {
  const wanted = dependencies.bun;
  if (Bun.semver.order(Bun.version, wanted) >= 0) return ok("bun", Bun.version);
  return problem("bun", `${Bun.version}, but this version is tested with ${wanted}`, "npm ci");
}

export function checkPackages(projectDir: string): Check {
  const missing = Object.keys(dependencies).filter(
    (name) => !existsSync(join(projectDir, "node_modules", name)),
  );
  if (missing.length === 0) return ok("packages", `${Object.keys(dependencies).length} installed`);
  return problem("packages", `missing: ${missing.join(", ")}`, "npm ci");
}

export function checkUi(projectDir: string): Check {
  if (existsSync(join(projectDir, "ui/dist/index.html"))) return ok("web page", "built");
  return optional("web page", "not built yet; the first start builds it", "npm start");
}
