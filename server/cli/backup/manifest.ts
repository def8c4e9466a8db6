/** What is in a backup, and how to tell that it is whole. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { z } from "zod";

/** A later format gets another number; an older program then says so instead of guessing. */
export const FORMAT = 1;

export const memberNames = ["twarga.sqlite", "jwt-secret", "instance"] as const;
export type MemberName = (typeof memberNames)[number];

export const manifest = z.object({
  format: z.literal(FORMAT),
  /** Of the program that made it. */
  version: z.string(),
  createdAt: z.iso.datetime(),
  /** When the newest change of the tables was written that the database has. */
  schema: z.int(),
  users: z.int(),
  vms: z.int(),
  ledgerEntries: z.int(),
  files: z
    .array(
      z.object({ name: z.enum(memberNames), bytes: z.int(), sha256: z.string().regex(/^[0-9a-f]{64}$/) }),
    )
    .min(1)
    .max(memberNames.length),
});
export type Manifest = z.infer<typeof manifest>;

export async function sha256Of(file: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const bytes of createReadStream(file)) hash.update(bytes);
  return hash.digest("hex");
}
