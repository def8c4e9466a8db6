/** Which part of the project a file belongs to, and which parts it may import. */

/** `feature:vms` and `driver:vagrant` are parts of their own: one never imports another. */
export function partOf(path: string): string {
  const feature = /^server\/features\/([^/]+)\//.exec(path);
  if (feature !== null) return `feature:${feature[1]}`;
  if (path === "server/drivers/vm-driver.ts") return "driver-interface";
  const driver = /^server\/drivers\/(vagrant|simulated|container)\//.exec(path);
  if (driver !== null) return `driver:${driver[1]}`;
  if (path.startsWith("server/drivers/")) return "driver-parts";
  for (const part of ["protocol", "core", "gateway", "cli", "launch"])
    if (path.startsWith(`server/${part}/`) || path === `server/${part}.ts`) return part;
  if (path === "server/main.ts") return "main";
  if (path.startsWith("server/")) return "app";
  if (path.startsWith("ui/socket/")) return "socket";
  return path.split("/")[0] ?? path;
}

const own = (part: string) => [part];

/** Arrows beside those inside one part. */
const allowed: Record<string, readonly string[]> = {
  protocol: [],
  core: ["protocol"],
  db: ["protocol"],
  "driver-interface": ["core", "protocol"],
  "driver-parts": ["driver-interface", "core", "protocol"],
  driver: ["driver-interface", "driver-parts", "core", "protocol"],
  feature: ["driver-interface", "db", "core", "protocol"],
  gateway: ["core", "protocol"],
  socket: ["protocol"],
  ui: ["socket", "protocol"],
  // `core`, because `twarga doctor` reads the settings as the server will.
  cli: ["socket", "protocol", "core"],
  app: ["gateway", "feature", "driver", "driver-interface", "db", "core", "protocol"],
  main: ["app", "db", "core", "protocol"],
  launch: [],
};

const kindOf = (part: string) => part.split(":")[0] ?? part;

/** Tests and benchmarks may look at everything; the file names of packages have no part. */
const isFree = (part: string) => part === "tests" || part === "bench";

export function isArrowAllowed(from: string, to: string): boolean {
  const fromPart = partOf(from);
  const toPart = partOf(to);
  if (isFree(fromPart) || own(fromPart).includes(toPart)) return true;
  if (to === "package.json") return true;
  // `twarga doctor` asks a driver what is there, and nothing else of it.
  if (fromPart === "cli" && /^server\/drivers\/[^/]+\/(index|probe)\.ts$/.test(to)) return true;
  // `twarga soc parse` reads logs offline with the pure parser of the SOC, and nothing else of it.
  if (fromPart === "cli" && to === "server/features/soc/parse/index.ts") return true;
  return allowed[kindOf(fromPart)]?.includes(kindOf(toPart)) ?? false;
}

export function allowedFrom(path: string): string {
  const kind = kindOf(partOf(path));
  return [...own(kind), ...(allowed[kind] ?? [])].join(", ");
}

/** Packages that the two parts which both sides share may use. */
const packages: Record<string, RegExp> = { protocol: /^(zod|zod-openapi|node:.*|bun)$/, socket: /^$/ };

export function isPackageAllowed(from: string, name: string): boolean {
  return packages[partOf(from)]?.test(name) ?? true;
}

/** Lines a file may have; schemas, tables and tests read like lists, so they may be longer. */
export function lineLimit(path: string): number {
  const isTable =
    /^(tests|bench|db\/schema|server\/protocol)\//.test(path) || /(schema|table)s?\.ts$/.test(path);
  return isTable ? 400 : 250;
}
