/** What of real virtualisation is there on this host, what is missing, and the command that helps. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { childEnvironment } from "../../core/child-environment.ts";
import type { Virsh } from "../virsh/virsh.ts";
import { createVirsh, isUnreachable } from "../virsh/virsh.ts";
import type { DomainType } from "./host.ts";
import { builtBox } from "./lab-box.ts";
import { DEFAULT_BOX_DIR, DEFAULT_LIBVIRT_URI } from "./vagrant-driver.ts";

/** A start of the server waits for this; a daemon that hangs counts as missing. */
const LIBVIRT_TIMEOUT_MS = 3_000;
const SETUP = "npm run setup:vm";

export interface ProbeFact {
  readonly name: "vagrant" | "vagrant-libvirt" | "libvirt" | "qemu" | "kvm" | "lab-box";
  /** `slow`: it works without, only slower. */
  readonly state: "ok" | "missing" | "slow";
  /** What was found, or what is wrong. */
  readonly found: string;
  /** The next command to type, when there is one that helps. */
  readonly command: string | null;
}

export interface VagrantProbe {
  /** True when a VM can be created now. */
  readonly usable: boolean;
  readonly domainType: DomainType;
  readonly facts: readonly ProbeFact[];
  /** For `DriverInfo`. */
  readonly label: string;
  readonly reason: string;
}

export interface ProbeOptions {
  /** `TWARGA_HOME/vms`, where the verdict about KVM is remembered. */
  readonly vmsDir: string;
  readonly uri?: string;
  readonly boxDir?: string;
  /** Boots a guest under KVM when nobody has yet; takes up to 12 s, so the start of the server does not. */
  readonly bootUnderKvm?: boolean;
}

export async function probeVagrant(options: ProbeOptions): Promise<VagrantProbe> {
  const { vmsDir, uri = DEFAULT_LIBVIRT_URI, boxDir = DEFAULT_BOX_DIR } = options;
  const virsh = createVirsh(uri, LIBVIRT_TIMEOUT_MS);
  const [vagrant, plugin, hypervisor, box, kvm] = await Promise.all([
    probeTool("vagrant", "vagrant"),
    probePlugin(),
    probeHypervisor(virsh),
    probeBox(boxDir),
    probeKvm(vmsDir, boxDir, options.bootUnderKvm ?? false),
  ]);
  const facts = [vagrant, plugin, ...hypervisor, kvm, box];
  return summarize(facts, kvm.state === "ok" ? "kvm" : "qemu");
}

/** Pure: from facts to the words people read. */
export function summarize(facts: readonly ProbeFact[], domainType: DomainType): VagrantProbe {
  const missing = facts.filter(({ state }) => state === "missing");
  const versionOf = (name: ProbeFact["name"]) => facts.find((fact) => fact.name === name)?.found ?? "";
  const speed = domainType === "kvm" ? "KVM" : "software emulation";
  const help = missing.find(({ command }) => command !== null)?.command ?? SETUP;
  return {
    usable: missing.length === 0,
    domainType,
    facts,
    label: `Vagrant ${versionOf("vagrant")}, libvirt, ${speed}`,
    reason:
      missing.length === 0
        ? "Vagrant and libvirt are ready on this host."
        : `Missing for real VMs: ${missing.map(({ name, found }) => `${name} (${found})`).join(", ")}. Run \`${help}\`.`,
  };
}

const fact = (
  name: ProbeFact["name"],
  state: ProbeFact["state"],
  found: string,
  command: string | null = state === "ok" ? null : SETUP,
): ProbeFact => ({ name, state, found, command });

/** The version is read from the gem's folder: starting Ruby for it would take most of a second. */
async function gemVersion(gem: string): Promise<string | null> {
  const entries = await readdir("/usr/share/rubygems-integration/all/gems").catch(() => []);
  const pattern = new RegExp(`^${gem}-(\\d[\\w.]*)$`);
  return entries.map((entry) => pattern.exec(entry)?.[1]).find((version) => version !== undefined) ?? null;
}

async function probeTool(name: "vagrant", gem: string): Promise<ProbeFact> {
  if (Bun.which(name) === null) return fact(name, "missing", "not installed");
  return fact(name, "ok", (await gemVersion(gem)) ?? "of unknown version");
}

/** Only the system's plugin counts: our Vagrant home is our own, so a user's plugins are not seen there. */
async function probePlugin(): Promise<ProbeFact> {
  const version = await gemVersion("vagrant-libvirt");
  return version === null
    ? fact("vagrant-libvirt", "missing", "not installed as a package")
    : fact("vagrant-libvirt", "ok", version);
}

async function probeHypervisor(virsh: Virsh): Promise<readonly ProbeFact[]> {
  const qemu = Bun.which("qemu-system-x86_64");
  const answer = await virsh.ask("version", "--daemon");
  const version = (pattern: RegExp) => pattern.exec(answer.stdout)?.[1] ?? "";
  const libvirt = answer.ok
    ? fact("libvirt", "ok", `${version(/daemon: ([\d.]+)/)} at ${virsh.uri}`)
    : fact("libvirt", "missing", whyUnreachable(virsh, answer));
  return [
    libvirt,
    qemu === null
      ? fact("qemu", "missing", "not installed")
      : fact("qemu", "ok", version(/hypervisor: QEMU ([\d.]+)/) || qemu),
  ];
}

function whyUnreachable(virsh: Virsh, answer: { ok: boolean; stdout: string; stderr: string }): string {
  if (Bun.which("virsh") === null) return "not installed";
  if (/authentication|permission denied|access denied/i.test(answer.stderr))
    return "this user may not use it";
  return isUnreachable(answer) ? `no answer at ${virsh.uri}` : (answer.stderr.split("\n").at(-1) ?? "");
}

async function probeBox(boxDir: string): Promise<ProbeFact> {
  const hash = await builtBox(boxDir);
  return hash === null ? fact("lab-box", "missing", "not built", "npm run box") : fact("lab-box", "ok", hash);
}

const kvmVerdict = z.object({ works: z.boolean(), reason: z.string(), kernel: z.string() });
type KvmVerdict = z.infer<typeof kvmVerdict>;

async function probeKvm(vmsDir: string, boxDir: string, boot: boolean): Promise<ProbeFact> {
  if (
    !(await Bun.file("/dev/kvm")
      .stat()
      .then(
        () => true,
        () => false,
      ))
  )
    return fact("kvm", "slow", "there is no /dev/kvm", null);
  const path = join(vmsDir, ".kvm-probe.json");
  const verdict = (await rememberedVerdict(path)) ?? (boot ? await bootUnderKvm(path, boxDir) : null);
  if (verdict === null) return fact("kvm", "slow", "not tried yet");
  return fact("kvm", verdict.works ? "ok" : "slow", verdict.reason, null);
}

/** Another kernel of the host may change the answer. */
async function rememberedVerdict(path: string): Promise<KvmVerdict | null> {
  try {
    const verdict = kvmVerdict.parse(JSON.parse(await readFile(path, "utf8")));
    const release = (await readFile("/proc/sys/kernel/osrelease", "utf8")).trim();
    return verdict.kernel === release ? verdict : null;
  } catch {
    return null;
  }
}

async function bootUnderKvm(path: string, boxDir: string): Promise<KvmVerdict | null> {
  const script = join(boxDir, "..", "probe-kvm.sh");
  const child = Bun.spawn(["sh", script, path], {
    env: childEnvironment(),
    stdin: "ignore",
    stdout: "ignore",
    stderr: "ignore",
  });
  await child.exited;
  return rememberedVerdict(path);
}
