/** Asks libvirt by its own command line tool: an argument array in, text out, a deadline on every call. */
import { AppError } from "../../core/errors.ts";
import { explainFailure } from "./explain-failure.ts";

/** libvirtd answers within milliseconds; when it does not, it hangs or is being restarted. */
const DEFAULT_TIMEOUT_MS = 15_000;
/** The counters of a few hundred machines are far below. */
const OUTPUT_LIMIT_BYTES = 16 * 1024 * 1024;

export interface VirshAnswer {
  readonly ok: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Virsh {
  readonly uri: string;
  /** Never throws for what libvirt refuses: the caller knows which refusals are normal. */
  ask(...argv: readonly string[]): Promise<VirshAnswer>;
  /** Throws `driver_failed` with what libvirt said. */
  run(...argv: readonly string[]): Promise<string>;
  argv(...argv: readonly string[]): string[];
}

/** The texts we read must not depend on the language of the host. */
export const virshEnv = (): Record<string, string | undefined> => ({
  ...process.env,
  LC_ALL: "C",
  LANG: "C",
});

/** `report` is told of each call as `DriverRun.program` is. */
export function createVirsh(
  uri: string,
  timeoutMs = DEFAULT_TIMEOUT_MS,
  report?: (argv: readonly string[]) => (exitCode: number | null) => void,
): Virsh {
  const argvOf = (...argv: readonly string[]): string[] => ["virsh", "-q", "-c", uri, ...argv];

  async function ask(...argv: readonly string[]): Promise<VirshAnswer> {
    const ended = report?.(argvOf(...argv));
    try {
      const child = Bun.spawn(argvOf(...argv), {
        env: virshEnv(),
        stdin: "ignore",
        stdout: "pipe",
        stderr: "pipe",
        timeout: timeoutMs,
        killSignal: "SIGKILL",
        maxBuffer: OUTPUT_LIMIT_BYTES,
      });
      const [stdout, stderr] = await Promise.all([
        new Response(child.stdout).text(),
        new Response(child.stderr).text(),
      ]);
      await child.exited;
      ended?.(child.exitCode);
      const late = child.signalCode === "SIGKILL" ? `virsh ${argv[0]}: no answer within ${timeoutMs} ms` : "";
      return { ok: child.exitCode === 0, stdout, stderr: stderr.trim() || late };
    } catch (error) {
      ended?.(null);
      return { ok: false, stdout: "", stderr: error instanceof Error ? error.message : String(error) };
    }
  }

  return {
    uri,
    ask,
    argv: argvOf,
    async run(...argv) {
      const answer = await ask(...argv);
      if (answer.ok) return answer.stdout;
      throw new AppError("driver_failed", explainFailure(null, answer.stderr), {
        detail: `virsh ${argv.join(" ")}\n${answer.stderr}`,
      });
    },
  };
}

/** True when the refusal says that libvirt itself cannot be reached, so nothing is known about the thing asked for. */
export function isUnreachable(answer: VirshAnswer): boolean {
  return (
    !answer.ok &&
    /failed to connect|Cannot recv data|client socket is closed|no answer within|Executable not found|ENOENT/i.test(
      answer.stderr,
    )
  );
}
