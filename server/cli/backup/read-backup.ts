/** Unpacks a backup beside the database and proves that it is whole before anything else is touched. */
import { createReadStream, createWriteStream } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { extract } from "tar-stream";
import { CliError } from "../exit.ts";
import { failed } from "./installation.ts";
import { type Manifest, manifest, memberNames, sha256Of } from "./manifest.ts";
import { verifyDatabase } from "./verify-database.ts";

const allowed: ReadonlySet<string> = new Set(["manifest.json", ...memberNames]);

/** The files lie in `into` afterwards, under the names of the manifest. */
export async function readBackup(file: string, into: string): Promise<Manifest> {
  await unpack(file, into);
  const described = await readManifest(join(into, "manifest.json"));
  for (const { name, bytes, sha256 } of described.files) {
    const path = join(into, name);
    const facts = await stat(path).catch(() => null);
    if (facts?.size !== bytes || (await sha256Of(path)) !== sha256)
      throw failed(`The backup is damaged: ${name} is not what was written`);
  }
  if (!described.files.some(({ name }) => name === "twarga.sqlite"))
    throw failed("The backup holds no database");
  verifyDatabase(join(into, "twarga.sqlite"));
  return described;
}

async function unpack(file: string, into: string): Promise<void> {
  if ((await stat(file).catch(() => null))?.isFile() !== true) throw failed(`There is no file ${file}`);
  const extractor = extract();
  const feeding = pipeline(createReadStream(file), extractor);
  feeding.catch(() => {});
  const seen = new Set<string>();
  try {
    for await (const entry of extractor) {
      const { name, type } = entry.header;
      if (type !== "file" || !allowed.has(name) || seen.has(name))
        throw failed(`${file} is no backup of Twarga`);
      seen.add(name);
      await pipeline(entry, createWriteStream(join(into, name), { mode: 0o600 }));
    }
    await feeding;
  } catch (error) {
    throw error instanceof CliError ? error : failed(`${file} is damaged or no backup of Twarga`);
  }
}

async function readManifest(path: string): Promise<Manifest> {
  const text = await readFile(path, "utf8").catch(() => "null");
  const parsed = manifest.safeParse(parseOr(text));
  if (!parsed.success) throw failed("The backup has no manifest that this version of Twarga can read");
  return parsed.data;
}

function parseOr(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
