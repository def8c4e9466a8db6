/** The mark of this installation in the names of everything it makes on the host, so that two on one host never meet. */
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

const instanceId = z.string().regex(/^[0-9a-f]{6}$/);

/** Made once and kept: it is part of the name of every machine, so losing it would lose them all. Throws for one that was spoilt. */
export function readInstance(vmsDir: string): string {
  const path = join(vmsDir, ".instance");
  mkdirSync(vmsDir, { recursive: true });
  if (!existsSync(path)) writeFileSync(path, `${randomBytes(3).toString("hex")}\n`, { flag: "wx" });
  return instanceId.parse(readFileSync(path, "utf8").trim());
}
