/** Whether the port is free, ours already, or taken by something else. */
import { z } from "zod";
import { type Check, note, ok, problem } from "./check.ts";

const health = z.object({ status: z.string(), version: z.string(), driver: z.string() });

export async function checkPort(host: string, port: number): Promise<Check> {
  const reason = whyTaken(host, port);
  if (reason === null) return ok("port", `${port} is free`);
  const running = await askHealth(host, port);
  if (running !== null) {
    return note("port", `${port}: Twarga ${running.version} runs here, driver ${running.driver}`);
  }
  const next = `PORT=${port === 65_535 ? 8000 : port + 1} npm start`;
  return problem("port", `${port} on ${host} cannot be used: ${reason}`, next);
}

/** Listening for a moment is the only answer that counts. */
function whyTaken(host: string, port: number): string | null {
  try {
    Bun.listen({ hostname: host, port, socket: { data() {} } }).stop(true);
    return null;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : null;
    return code === "EADDRINUSE" ? "another program uses it" : String(code ?? error);
  }
}

async function askHealth(host: string, port: number): Promise<z.infer<typeof health> | null> {
  const name = host === "0.0.0.0" || host === "::" ? "localhost" : host.includes(":") ? `[${host}]` : host;
  try {
    const response = await fetch(`http://${name}:${port}/health`, { signal: AbortSignal.timeout(2_000) });
    return health.safeParse(await response.json()).data ?? null;
  } catch {
    return null;
  }
}
