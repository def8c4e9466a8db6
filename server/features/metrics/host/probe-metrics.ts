/** Measures a host that has no /proc: reads samples from a system-probe program beside the server. */
import { hostSample, type HostSample } from "#protocol";
import { childEnvironment } from "../../../core/child-environment.ts";
import type { Log } from "../../../core/log.ts";
import type { HostMetrics } from "./host-metrics.ts";

export const PROBE_FILE = `${import.meta.dir}/system-probe.ts`;

/** The samples in complete lines of `text`, and the unfinished rest. Lines that are no sample are left out. */
export function takeSamples(text: string): { readonly samples: HostSample[]; readonly rest: string } {
  const lines = text.split("\n");
  const rest = lines.pop() ?? "";
  const samples = lines.flatMap((line) => {
    const parsed = hostSample.safeParse(parseJson(line));
    return parsed.success ? [parsed.data] : [];
  });
  return { samples, rest };
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}

export function createProbeMetrics(home: string, log: Log): HostMetrics {
  const probe = Bun.spawn([process.execPath, PROBE_FILE, "samples", home], {
    env: childEnvironment(),
    stdin: "pipe",
    stdout: "pipe",
    stderr: "ignore",
  });
  let newest: HostSample | null = null;

  async function listen(): Promise<void> {
    let text = "";
    for await (const chunk of probe.stdout.pipeThrough(new TextDecoderStream())) {
      const { samples, rest } = takeSamples(text + chunk);
      newest = samples.at(-1) ?? newest;
      text = rest;
    }
  }
  listen().catch((error: unknown) => log.error({ err: error }, "The system probe broke off"));

  return {
    sample: (atMs) => newest && { ...newest, atMs },
    async dispose() {
      probe.kill();
      await probe.exited;
    },
  };
}
