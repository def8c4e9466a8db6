/** Terminals: `terminal.*` commands (socket only) and the `terminal.state` topic. Bytes travel as binary frames. */
import { z } from "zod";
import { command } from "./command-spec.ts";
import { terminalId, vmId } from "./ids.ts";
import { topic } from "./topic-spec.ts";

const size = (min: number, max: number) => {
  const allowed = `a whole number from ${min} to ${max}`;
  return z.int(allowed).min(min, allowed).max(max, allowed);
};
const columns = size(2, 500);
const rows = size(1, 200);

export const terminalCommands = {
  "terminal.open": command({
    summary:
      "Open a terminal of a running VM, or join its newest open one; a `restore` frame with the screen follows the reply",
    access: "user",
    effect: "write",
    input: z.strictObject({
      vmId,
      cols: columns,
      rows,
      /** Join exactly this session instead of the newest. */
      terminalId: terminalId.optional(),
      /** Always start a new shell. */
      fresh: z.boolean("true or false").default(false),
    }),
    output: z.object({ terminalId, cols: columns, rows, viewers: z.int(), resumed: z.boolean() }),
  }),
  "terminal.resize": command({
    summary: "Tell the program the new size; the last viewer to resize wins",
    access: "user",
    effect: "write",
    input: z.strictObject({ terminalId, cols: columns, rows }),
    output: z.object({ cols: columns, rows }),
  }),
  "terminal.detach": command({
    summary: "Stop viewing; the shell goes on",
    access: "user",
    effect: "write",
    input: z.strictObject({ terminalId }),
    output: z.object({}),
  }),
  "terminal.close": command({
    summary: "End the shell for every viewer",
    access: "user",
    effect: "write",
    input: z.strictObject({ terminalId }),
    output: z.object({}),
  }),
} as const;

const terminalInfo = z.object({ cols: columns, rows, viewers: z.int() });

export const terminalTopics = {
  "terminal.state": topic({
    summary: "Size, viewers and end of one terminal; the key is the terminal id",
    policy: "latest-per-key",
    scope: "keyed",
    snapshot: terminalInfo,
    event: z.discriminatedUnion("kind", [
      terminalInfo.extend({ kind: z.literal("changed") }),
      z.object({
        kind: z.literal("ended"),
        reason: z.enum(["exit", "closed", "vm_stopped", "connection_lost", "server_stopping"]),
        exitCode: z.int().nullable(),
      }),
    ]),
  }),
} as const;
