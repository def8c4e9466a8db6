/** `watch`: metrics and events as they happen. A live table on a terminal, else one line (or one JSON line) each. */
import type { Client } from "#client";
import type { Command } from "commander";
import { contextOf } from "../cli-context.ts";
import { untilClosed, withClient } from "../server-link.ts";
import { describeHello, describeMessage } from "./describe-message.ts";
import { LiveTable } from "./live-table.ts";
import { type WatchMessage, watchAll } from "./watch-message.ts";

interface Shown {
  message(message: WatchMessage): void;
  connection(text: string): void;
  end(): void;
}

export function addWatchCommand(program: Command): void {
  program
    .command("watch")
    .description("Metrics and events live, until Ctrl-C")
    .option("--lines", "one line per event, also on a terminal")
    .action(async (options: { lines?: boolean }, command: Command) => {
      const context = contextOf(command);
      const isTable = process.stdout.isTTY === true && !context.json && options.lines !== true;
      await withClient(context, async (client) => {
        const shown = isTable ? new LiveTable(process.stdout) : plainLines(context.json);
        try {
          await watch(client, shown);
        } finally {
          shown.end();
        }
      });
    });
}

async function watch(client: Client, shown: Shown): Promise<void> {
  const tellConnection = () => shown.connection(connectionText(client));
  tellConnection();
  const stopStatus = client.onStatus(tellConnection);
  const stopAll = watchAll(client, (message) => shown.message(message));
  const closed = untilClosed(client);
  const interrupted = Promise.withResolvers<void>();
  process.once("SIGINT", interrupted.resolve);
  process.once("SIGTERM", interrupted.resolve);
  // The reader of a pipe has had enough: `twarga watch | head -3` ends well.
  process.stdout.once("error", () => interrupted.resolve());
  try {
    await Promise.race([interrupted.promise, closed.promise]);
  } finally {
    closed.stop();
    stopStatus();
    stopAll();
  }
}

function connectionText({ status, hello }: Client): string {
  return status.phase === "online" ? describeHello(hello) : `${status.phase}; what you see is old`;
}

function write(line: string): void {
  process.stdout.write(`${line}\n`);
}

function plainLines(asJson: boolean): Shown {
  let lastConnection = "";
  return {
    message(message) {
      if (asJson) return write(JSON.stringify(message));
      for (const line of describeMessage(message, Date.now())) write(line);
    },
    connection(text) {
      // The status also changes with every measured latency.
      if (!asJson && text !== lastConnection) process.stderr.write(`${text}\n`);
      lastConnection = text;
    },
    end() {},
  };
}
