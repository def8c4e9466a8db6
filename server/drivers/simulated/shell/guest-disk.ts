/** The file system of a simulated machine: a small Linux tree in memory, with what people made kept on the host's disk. */
import { InMemoryFs } from "just-bash";
import { z } from "zod";
import { GUEST_HOME, GUEST_USER, type Guest, KERNEL, osOf } from "../guest.ts";
import { loadDisk, saveDisk } from "../machine-folder.ts";

/** All files of one machine together, so that a class cannot fill the host's memory or disk. */
const MAX_BYTES = 8 * 1024 * 1024;
const MAX_FILES = 2_000;
/** Only these survive a stop; the rest is the system, made anew at each boot. */
const KEPT_FOLDERS = [GUEST_HOME, "/root", "/srv", "/opt"];

const kb = (bytes: number) => String(Math.floor(bytes / 1024)).padStart(8);

const keptFile = z.discriminatedUnion("type", [
  z.object({ type: z.literal("folder"), path: z.string(), mode: z.int() }),
  z.object({ type: z.literal("file"), path: z.string(), mode: z.int(), base64: z.string() }),
  z.object({ type: z.literal("link"), path: z.string(), target: z.string() }),
]);
type KeptFile = z.infer<typeof keptFile>;

export class GuestDisk {
  #saved = "";
  #saving: Promise<void> = Promise.resolve();

  private constructor(
    readonly fs: InMemoryFs,
    private readonly folder: string,
    private readonly guest: Guest,
  ) {}

  static async load(folder: string, guest: Guest): Promise<GuestDisk> {
    const disk = new GuestDisk(
      new InMemoryFs(systemFiles(guest), { maxTotalBytes: MAX_BYTES }),
      folder,
      guest,
    );
    for (const path of KEPT_FOLDERS) await disk.fs.mkdir(path, { recursive: true });
    const stored = loadDisk(folder);
    if (stored !== null) await disk.#restore(z.array(keptFile).parse(JSON.parse(stored)));
    disk.#saved = stored ?? "";
    return disk;
  }

  /** Files of `/proc` as of now; called before each command. */
  refresh(): void {
    const { uptimeSeconds, memoryTotalBytes, memoryUsedBytes } = this.guest.counters();
    const load = (this.guest.cpuShare() * this.guest.info.cpuCores).toFixed(2);
    this.fs.writeFileSync("/proc/uptime", `${uptimeSeconds}.00 ${uptimeSeconds}.00\n`);
    this.fs.writeFileSync("/proc/loadavg", `${load} ${load} ${load} 1/64 900\n`);
    const free = memoryTotalBytes - memoryUsedBytes;
    const meminfo = `MemTotal:       ${kb(memoryTotalBytes)} kB\nMemFree:        ${kb(free)} kB\nMemAvailable:   ${kb(free)} kB\n`;
    this.fs.writeFileSync("/proc/meminfo", meminfo);
  }

  async writeAuthorizedKeys(keys: readonly string[]): Promise<void> {
    const folder = `${GUEST_HOME}/.ssh`;
    await this.fs.mkdir(folder, { recursive: true });
    await this.fs.chmod(folder, 0o700);
    await this.fs.writeFile(`${folder}/authorized_keys`, keys.map((key) => `${key}\n`).join(""));
    await this.fs.chmod(`${folder}/authorized_keys`, 0o600);
    await this.save();
  }

  /** Writes what people made to the host's disk when it changed. Calls do not overlap. */
  save(): Promise<void> {
    this.#saving = this.#saving.then(() => this.#write());
    return this.#saving;
  }

  async #write(): Promise<void> {
    const content = JSON.stringify(await this.#collect());
    if (content === this.#saved) return;
    saveDisk(this.folder, content);
    this.#saved = content;
  }

  async #collect(): Promise<KeptFile[]> {
    const paths = this.fs
      .getAllPaths()
      .filter((path) => KEPT_FOLDERS.some((kept) => path.startsWith(`${kept}/`)))
      .toSorted()
      .slice(0, MAX_FILES);
    return Promise.all(
      paths.map(async (path): Promise<KeptFile> => {
        const { isDirectory, isSymbolicLink, mode } = await this.fs.lstat(path);
        if (isDirectory) return { type: "folder", path, mode };
        if (isSymbolicLink) return { type: "link", path, target: await this.fs.readlink(path) };
        const content = await this.fs.readFileBuffer(path);
        return { type: "file", path, mode, base64: Buffer.from(content).toString("base64") };
      }),
    );
  }

  async #restore(files: readonly KeptFile[]): Promise<void> {
    for (const file of files) {
      if (file.type === "folder") await this.fs.mkdir(file.path, { recursive: true });
      else if (file.type === "link") await this.fs.symlink(file.target, file.path);
      else await this.fs.writeFile(file.path, Buffer.from(file.base64, "base64"));
      if (file.type !== "link") await this.fs.chmod(file.path, file.mode);
    }
  }
}

function systemFiles({ info }: Guest): Record<string, string> {
  const os = osOf(info.image);
  const cpus = Array.from(
    { length: info.cpuCores },
    (_, n) => `processor\t: ${n}\nmodel name\t: Simulated CPU\ncpu MHz\t\t: 2400.000\n\n`,
  );
  return {
    "/etc/hostname": `${info.name}\n`,
    "/etc/hosts": `127.0.0.1\tlocalhost\n${info.ip}\t${info.name}\n`,
    "/etc/os-release": `PRETTY_NAME="${os.prettyName}"\nID=${os.id}\nVERSION_ID="${os.version}"\n`,
    "/etc/passwd": `root:x:0:0:root:/root:/bin/bash\n${GUEST_USER}:x:1000:1000::${GUEST_HOME}:/bin/bash\n`,
    "/etc/group": `root:x:0:\nsudo:x:27:${GUEST_USER}\n${GUEST_USER}:x:1000:\n`,
    "/etc/resolv.conf": "# A simulated machine reaches no network.\n",
    "/proc/cpuinfo": cpus.join(""),
    "/proc/version": `Linux version ${KERNEL} (simulated)\n`,
    "/var/log/syslog": `${info.name} kernel: Linux version ${KERNEL} (simulated)\n`,
    [`${GUEST_HOME}/README.txt`]: `This machine is simulated: its shell, files and figures are real enough to practise on,\nbut no virtual machine runs behind it. Files under ${GUEST_HOME} survive a stop.\n`,
    "/root/.profile": "",
    "/tmp/.keep": "",
  };
}
