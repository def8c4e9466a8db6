/** Sends a file to the server as it is; gives the id it is known by there. */
import { stat } from "node:fs/promises";
import { uploadId, wireError } from "#protocol";
import { RequestError } from "#client";
import { z } from "zod";
import type { CliContext } from "../cli-context.ts";
import { CliError, unreachable, usageError } from "../exit.ts";
import { formatBytes } from "../format.ts";
import { requireToken, serverUrl } from "../session-file.ts";

const answer = z.object({ uploadId });
const refusal = z.object({ error: wireError });

export async function uploadFile(context: CliContext, path: string): Promise<string> {
  const facts = await stat(path).catch(() => null);
  if (facts?.isFile() !== true) throw usageError(`There is no file ${path}`);
  const url = serverUrl(context.env, context.url);
  const token = requireToken(context.env, url);
  context.note(`Uploading ${path}, ${formatBytes(facts.size)}`);
  const response = await send(`${url}/api/admin/uploads`, path, token, url);
  const body: unknown = await response.json().catch(() => null);
  const accepted = response.ok ? answer.safeParse(body).data : undefined;
  if (accepted) return accepted.uploadId;
  const refused = refusal.safeParse(body).data;
  if (refused) throw RequestError.fromWire(refused.error);
  throw new CliError("unreachable", `${url} answered ${response.status} and is no Twarga server`, 3);
}

/** Read as it is sent: a box may be larger than the memory here. */
async function send(target: string, path: string, token: string, url: string): Promise<Response> {
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/octet-stream" };
  try {
    return await fetch(target, { method: "PUT", body: Bun.file(path), headers });
  } catch {
    throw unreachable(url);
  }
}
