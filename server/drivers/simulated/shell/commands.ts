/** The commands of a simulated machine that the interpreter does not bring, bound to one machine and one shell. */
import { type Command, defineCommand } from "just-bash";
import type { TerminalSize } from "../../vm-driver.ts";
import type { Guest } from "../guest.ts";
import { systemCommands } from "./system-commands.ts";

export interface ShellFacts {
  readonly guest: Guest;
  readonly pid: number;
  size(): TerminalSize;
}

const NO_NETWORK = "a simulated machine reaches no other host";
/** In a pipe `yes` cannot wait for its reader, so it says it this often. */
const PIPED_YES_LINES = 1_000;

const say = (stdout: string) => ({ stdout, stderr: "", exitCode: 0 });
const fail = (stderr: string, exitCode = 1) => ({ stdout: "", stderr: `${stderr}\n`, exitCode });

export function commandsOf(facts: ShellFacts): readonly Command[] {
  const { guest, pid } = facts;
  const told = Object.entries(systemCommands).map(([name, tell]) =>
    defineCommand(name, async (args) => say(tell({ args, guest, pid }))),
  );
  const unreachable = ["ssh", "scp", "nc", "telnet", "ping", "wget", "curl"].map((name) =>
    defineCommand(name, async () =>
      fail(`${name}: connection refused: ${NO_NETWORK}`, name === "ssh" ? 255 : 1),
    ),
  );
  const packages = ["apt", "apt-get", "apk", "systemctl", "vim", "vi", "nano", "less"].map((name) =>
    defineCommand(name, async () => fail(`${name}: not available on a simulated machine`, 127)),
  );
  return [...told, ...unreachable, ...packages, ...powerCommands(guest), stty(facts), yes(), sudo()];
}

function powerCommands(guest: Guest): Command[] {
  const off = ["poweroff", "halt"].map((name) => powerCommand(name, guest, () => "off"));
  const shutdown = powerCommand("shutdown", guest, (args) => (args.includes("-r") ? "reboot" : "off"));
  return [...off, shutdown, powerCommand("reboot", guest, () => "reboot")];
}

function powerCommand(name: string, guest: Guest, action: (args: string[]) => "off" | "reboot"): Command {
  return defineCommand(name, async (args) => {
    // After this command's own output, as the real ones do.
    setImmediate(() => guest.power(action(args)));
    return say("The system is going down now.\n");
  });
}

function stty({ size }: ShellFacts): Command {
  return defineCommand("stty", async (args) => {
    const { rows, cols } = size();
    if (args[0] === "size") return say(`${rows} ${cols}\n`);
    return say(
      args.length === 0 || args[0] === "-a" ? `speed 38400 baud; rows ${rows}; columns ${cols};\n` : "",
    );
  });
}

function yes(): Command {
  return defineCommand("yes", async (args) => say(`${args.join(" ") || "y"}\n`.repeat(PIPED_YES_LINES)));
}

function sudo(): Command {
  return defineCommand("sudo", async (args, { exec, cwd, signal }) => {
    const [command, ...rest] = args.filter((arg, n) => n > 0 || !arg.startsWith("-"));
    if (command === undefined || !exec) return fail("usage: sudo command [arguments]");
    if (["su", "bash", "sh"].includes(command))
      return fail("sudo: a root shell is not simulated; prefix the command instead");
    return exec(command, { cwd, args: rest, signal });
  });
}
