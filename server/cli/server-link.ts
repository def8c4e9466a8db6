/** A connected client for the length of one command. */
import { type Client, createClient } from "#client";
import type { CliContext } from "./cli-context.ts";
import { CliError, unreachable } from "./exit.ts";
import { requireToken, serverUrl } from "./session-file.ts";

/** Connects, runs, and closes however it ends. */
export async function withClient<T>(context: CliContext, run: (client: Client) => Promise<T>): Promise<T> {
  const url = serverUrl(context.env, context.url);
  const token = requireToken(context.env, url);
  const client = createClient({
    url: `${url.replace(/^http/, "ws")}/ws`,
    token: () => token,
    checkPayloads: true,
    onFault: (error) => context.note(`twarga: ${error instanceof Error ? error.message : String(error)}`),
  });
  try {
    await online(client, url);
    return await run(client);
  } finally {
    client.close();
  }
}

/** One try is enough: a person at a prompt, or a script, wants to know now. */
function online(client: Client, url: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = client.onStatus(({ phase, closedBy }) => {
      if (phase === "connecting") return;
      stop();
      if (phase === "online") resolve();
      else if (closedBy === "unauthenticated") reject(sessionEnded());
      else if (closedBy !== null)
        reject(new CliError(closedBy, `The server ended the connection: ${closedBy}`));
      else reject(unreachable(url));
    });
    client.connect();
  });
}

/** Rejects when the connection ends for good; for commands that watch until told to stop. */
export function untilClosed(client: Client): { promise: Promise<never>; stop: () => void } {
  const end = Promise.withResolvers<never>();
  const stop = client.onStatus(({ phase, closedBy }) => {
    if (phase !== "closed" || closedBy === null) return;
    end.reject(
      closedBy === "unauthenticated"
        ? sessionEnded()
        : new CliError(closedBy, `The server ended the connection: ${closedBy}`),
    );
  });
  // Whoever races it may have won already.
  end.promise.catch(() => {});
  return { promise: end.promise, stop };
}

function sessionEnded(): CliError {
  return new CliError("unauthenticated", "The session has ended; run: twarga login");
}
