/** Runs the owner's start-up script in a guest, once, as root; whatever becomes of it, the VM stays. */
import { AppError } from "../../core/errors.ts";
import { createStartupOutput } from "../startup-script.ts";
import type { DriverRun, StartupResult } from "../vm-driver.ts";
import { withDeadline } from "../deadline.ts";
import { ROOT_PATH, runInGuest } from "./guest-commands.ts";
import type { Host } from "./host.ts";
import type { SshTarget } from "./ssh.ts";

const SCRIPT_DEADLINE = { ms: 600_000, message: "The start-up script did not end within 10 minutes" };
/** Both streams in one, in the order they are written; the script itself comes by standard input. */
const COMMAND = `sudo -n sh -c 'export ${ROOT_PATH} HOME=/root; cd /root && umask 077 && file=$(mktemp /root/startup.XXXXXX) && cat >"$file" && chmod 700 "$file" || exit 126
case $(head -c 2 "$file") in "#!") "$file" </dev/null 2>&1 ;; *) sh "$file" </dev/null 2>&1 ;; esac
code=$?; rm -f "$file"; exit $code'`;

/** Rejects only when the whole run was aborted. */
export async function runStartupScript(
  host: Host,
  target: SshTarget,
  script: string,
  run: DriverRun,
): Promise<StartupResult> {
  run.step("Running the start-up script", 0.97);
  const output = createStartupOutput(run);
  try {
    const exitCode = await withDeadline(run, host.clock, SCRIPT_DEADLINE, (timed) =>
      runInGuest(
        target,
        { command: COMMAND, input: script, onLine: (stream, line) => output.line(stream, line) },
        timed,
      ),
    );
    return { exitCode, output: output.text() };
  } catch (error) {
    if (run.signal.aborted) throw error;
    output.line("error", error instanceof AppError ? error.message : "The script could not be run");
    return { exitCode: null, output: output.text() };
  }
}
