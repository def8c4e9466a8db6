/** What became of each VM when many were stopped, by name and owner as people know them. */
import type { Client } from "#client";
import { RequestError } from "#client";
import type { CommandOutput } from "#protocol";
import type { BulkResult } from "./BulkResults.vue";

type Answers = CommandOutput<"admin.stopAll">["results"];

/** One page of VMs; whose name is not on it is told by its number. */
const NAMED_AT_MOST = 200;

/** Names are asked for afterwards: nothing delays a stop. */
export async function namedResults(
  client: Client,
  answers: Answers,
  className?: string,
): Promise<readonly BulkResult[]> {
  const names = answers.length === 0 ? new Map<number, string>() : await namesOf(client, className);
  return answers.map(({ vmId, error }) => ({
    name: names.get(vmId) ?? `VM ${vmId}`,
    refusal: error?.message ?? null,
  }));
}

async function namesOf(client: Client, className?: string): Promise<ReadonlyMap<number, string>> {
  try {
    const { vms } = await client.request("admin.vm.list", {
      limit: NAMED_AT_MOST,
      ...(className !== undefined && { className }),
    });
    return new Map(vms.map(({ id, name, ownerName }) => [id, `${name} of ${ownerName}`]));
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    return new Map();
  }
}
