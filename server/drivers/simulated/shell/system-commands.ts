/** Commands that tell what a simulated machine is and does: their figures are those of the charts. */
import { KERNEL, GUEST_USER, type Guest, osOf } from "../guest.ts";

export interface CommandRun {
  readonly args: readonly string[];
  readonly guest: Guest;
  /** Process id of the shell that runs it. */
  readonly pid: number;
}
export type SystemCommand = (run: CommandRun) => string;

const mib = (bytes: number) => Math.round(bytes / 1024 ** 2);
const human = (bytes: number) =>
  bytes >= 1024 ** 3 ? `${(bytes / 1024 ** 3).toFixed(1)}G` : `${mib(bytes)}M`;
const clockTime = (ms: number) => new Date(ms).toISOString().slice(11, 19);

function uname({ args, guest }: CommandRun): string {
  const parts = {
    s: "Linux",
    n: guest.info.name,
    r: KERNEL,
    v: "#1 SMP simulated",
    m: "x86_64",
    o: "GNU/Linux",
  };
  const flags = args.filter((arg) => /^-[a-z]+$/.test(arg)).join("");
  if (flags.includes("a")) return `${Object.values(parts).join(" ")}\n`;
  const wanted = Object.entries(parts).filter(([flag]) => (flags === "" ? "s" : flags).includes(flag));
  return `${wanted.map(([, text]) => text).join(" ")}\n`;
}

function uptime({ guest, args }: CommandRun): string {
  const { uptimeSeconds } = guest.counters();
  const [hours, minutes] = [Math.floor(uptimeSeconds / 3600), Math.floor((uptimeSeconds % 3600) / 60)];
  const span = hours > 0 ? `${hours}:${String(minutes).padStart(2, "0")}` : `${minutes} min`;
  if (args.includes("-p")) return `up ${span}\n`;
  const load = (guest.cpuShare() * guest.info.cpuCores).toFixed(2);
  return ` ${clockTime(guest.now())} up ${span},  ${guest.shellPids().length} user,  load average: ${load}, ${load}, ${load}\n`;
}

function free({ guest, args }: CommandRun): string {
  const { memoryTotalBytes, memoryUsedBytes } = guest.counters();
  const show = args.includes("-h")
    ? human
    : (bytes: number) => String(args.includes("-m") ? mib(bytes) : Math.round(bytes / 1024));
  const row = (name: string, ...bytes: number[]) =>
    `${name.padEnd(8)}${bytes.map((n) => show(n).padStart(12)).join("")}\n`;
  const head = `${" ".repeat(8)}${["total", "used", "free"].map((name) => name.padStart(12)).join("")}\n`;
  return (
    head +
    row("Mem:", memoryTotalBytes, memoryUsedBytes, memoryTotalBytes - memoryUsedBytes) +
    row("Swap:", 0, 0, 0)
  );
}

function df({ guest, args }: CommandRun): string {
  const { diskTotalBytes, diskUsedBytes, memoryTotalBytes } = guest.counters();
  const show = args.some((arg) => /^-.*h/.test(arg))
    ? human
    : (bytes: number) => String(Math.round(bytes / 1024));
  const row = (device: string, total: number, used: number, mount: string) =>
    `${device.padEnd(12)}${show(total).padStart(12)}${show(used).padStart(12)}${show(total - used).padStart(12)}${`${Math.round((used / total) * 100)}%`.padStart(6)} ${mount}\n`;
  const head = `${"Filesystem".padEnd(12)}${["Size", "Used", "Avail"].map((name) => name.padStart(12)).join("")}  Use% Mounted on\n`;
  return (
    head +
    row("/dev/vda1", diskTotalBytes, diskUsedBytes, "/") +
    row("tmpfs", memoryTotalBytes / 10, 4096, "/run")
  );
}

interface ProcessRow {
  readonly pid: number;
  readonly user: string;
  readonly command: string;
}

function processesOf({ guest, pid }: CommandRun, self: string): readonly ProcessRow[] {
  return [
    { pid: 1, user: "root", command: "/sbin/init" },
    { pid: 2, user: "root", command: "[kthreadd]" },
    { pid: 211, user: "root", command: "/usr/sbin/cron -f" },
    { pid: 342, user: "root", command: "/usr/sbin/sshd -D" },
    ...guest.shellPids().map((shell) => ({ pid: shell, user: GUEST_USER, command: "-bash" })),
    { pid: pid + 5_000, user: GUEST_USER, command: self },
  ];
}

function ps(run: CommandRun): string {
  const all = run.args.some((arg) => /^-?[a-z]*[aeA]/.test(arg));
  const rows = processesOf(run, ["ps", ...run.args].join(" ")).filter(
    (row) => all || row.pid === run.pid || row.pid === run.pid + 5_000,
  );
  if (!all)
    return `    PID TTY          TIME CMD\n${rows.map((row) => `${String(row.pid).padStart(7)} pts/0    00:00:00 ${row.command.split(" ")[0]}\n`).join("")}`;
  return `USER         PID %CPU %MEM COMMAND\n${rows.map((row) => `${row.user.padEnd(8)}${String(row.pid).padStart(8)}  0.0  0.1 ${row.command}\n`).join("")}`;
}

function top(run: CommandRun): string {
  const { memoryTotalBytes, memoryUsedBytes } = run.guest.counters();
  const busy = run.guest.cpuShare() * 100;
  const rows = processesOf(run, "top");
  return [
    `top -${uptime({ ...run, args: [] }).trimEnd()}`,
    `Tasks: ${rows.length} total,   1 running, ${rows.length - 1} sleeping`,
    `%Cpu(s): ${busy.toFixed(1)} us, ${(100 - busy).toFixed(1)} id`,
    `MiB Mem : ${mib(memoryTotalBytes)} total, ${mib(memoryTotalBytes - memoryUsedBytes)} free, ${mib(memoryUsedBytes)} used`,
    "",
    "    PID USER      %CPU COMMAND",
    ...rows.map(
      (row) =>
        `${String(row.pid).padStart(7)} ${row.user.padEnd(8)}  ${(row.pid === 342 ? busy : 0).toFixed(1)} ${row.command}`,
    ),
    "",
  ].join("\n");
}

function ip({ guest, args }: CommandRun): string {
  if (args[0]?.startsWith("r")) return `198.18.0.0/15 dev eth0 src ${guest.info.ip}\n`;
  return [
    "1: lo: <LOOPBACK,UP> mtu 65536\n    inet 127.0.0.1/8 scope host lo",
    `2: eth0: <BROADCAST,MULTICAST,UP> mtu 1500\n    inet ${guest.info.ip}/15 scope global eth0`,
    "",
  ].join("\n");
}

export const systemCommands: Readonly<Record<string, SystemCommand>> = {
  uname,
  uptime,
  free,
  df,
  ps,
  top,
  ip,
  hostname: ({ guest, args }) => `${args.includes("-I") ? guest.info.ip : guest.info.name}\n`,
  whoami: () => `${GUEST_USER}\n`,
  id: () => `uid=1000(${GUEST_USER}) gid=1000(${GUEST_USER}) groups=1000(${GUEST_USER}),27(sudo)\n`,
  nproc: ({ guest }) => `${guest.info.cpuCores}\n`,
  arch: () => "x86_64\n",
  sync: () => "",
  clear: () => "\u001b[H\u001b[2J\u001b[3J",
  tty: () => "/dev/pts/0\n",
  lsb_release: ({ guest }) => `Description:\t${osOf(guest.info.image).prettyName}\n`,
  who: ({ guest }) =>
    guest
      .shellPids()
      .map((_, n) => `${GUEST_USER}   pts/${n}\n`)
      .join(""),
};
