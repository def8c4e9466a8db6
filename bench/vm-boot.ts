/**
 * From "create" to a typed command whose answer is drawn in the browser's terminal, against `vagrant up` alone of the same
 * machine in the same run. `bun bench/vm-boot.ts`; needs what `npm run setup:vm` installs, and boots three lab VMs.
 */
import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Client } from "#client";
import type { VmId } from "#protocol";
import { type Product, startProduct } from "./peers/product.ts";
import { waitUntil } from "./peers/wait-until.ts";

const BOOT_DEADLINE_MS = 300_000;
const TERMINAL_DEADLINE_MS = 30_000;
const SPEC = { image: "lab", ramMb: 512, cpuCores: 1, diskGb: 10 } as const;

export interface VmBootResult {
  readonly oursMs: number;
  /** Of that: from `running` to the answer in the terminal. */
  readonly terminalMs: number;
  readonly bareMs: number;
  readonly ratio: number;
}

/** Hears of the state as a page does. */
async function createVm(client: Client, name: string): Promise<VmId> {
  let state = "pending";
  let id: VmId | null = null;
  let problem: string | undefined;
  const stop = client.subscribe("vm.state", {
    onSnapshot() {},
    onEvent(event) {
      if (event.kind === "changed" && event.vm.name === name) {
        ({ state, id } = event.vm);
        problem = event.vm.error?.message;
      }
    },
  });
  await client.request("vm.create", { name, ...SPEC });
  await waitUntil(() => state === "running" || state === "failed", BOOT_DEADLINE_MS, "the running VM");
  stop();
  if (state !== "running" || id === null) throw new Error(`${name} is ${state}: ${problem}`);
  return id;
}

/** Types a sum that only a shell of the guest can work out, and waits for the answer in an output frame. */
async function typeAndRead(client: Client, vmId: VmId): Promise<void> {
  const { terminalId } = await client.request("terminal.open", { vmId, cols: 80, rows: 24 });
  let drawn = "";
  const take = (bytes: Uint8Array) => {
    drawn += Buffer.from(bytes).toString("latin1");
  };
  const stream = client.attachTerminal(terminalId, { onOutput: take, onRestore: take });
  const isAtPrompt = () => /[$#]\s*$/.test(Bun.stripANSI(drawn));
  await waitUntil(isAtPrompt, TERMINAL_DEADLINE_MS, "the prompt");
  stream.send(Buffer.from("echo $((6*7))-read\r"));
  await waitUntil(() => drawn.includes("42-read"), TERMINAL_DEADLINE_MS, "the answer");
  stream.dispose();
}

async function destroyVm(client: Client, vmId: VmId): Promise<void> {
  await client.request("vm.destroy", { vmId });
  const isGone = async () => (await client.request("vm.list", {})).vms.every((vm) => vm.id !== vmId);
  await waitUntil(isGone, BOOT_DEADLINE_MS, "the end of the VM");
}

/** The product's own Vagrantfile and data under another name, so that both boot the same thing. */
async function bareUpMs({ home }: Product, like: string): Promise<number> {
  const from = join(home, "vms", `user1-${like}`);
  const folder = join(home, "bare");
  await mkdir(folder);
  for (const file of ["Vagrantfile", "id_ed25519", "id_ed25519.pub"]) {
    await cp(join(from, file), join(folder, file));
  }
  const data: Record<string, unknown> = JSON.parse(await readFile(join(from, "machine.json"), "utf8"));
  const renamed = {
    ...data,
    name: "bare",
    title: "Twarga bench",
    domainPrefix: `twbench-${process.pid}-`,
    privateKeyPath: join(folder, "id_ed25519"),
  };
  await writeFile(join(folder, "machine.json"), JSON.stringify(renamed));
  const env = {
    ...process.env,
    VAGRANT_HOME: join(home, "vms", ".vagrant.d"),
    VAGRANT_CHECKPOINT_DISABLE: "1",
    LC_ALL: "C.UTF-8",
  };
  const vagrant = async (...args: string[]) => {
    const child = Bun.spawn(["vagrant", ...args], { cwd: folder, env, stdout: "ignore", stderr: "pipe" });
    const complaint = await new Response(child.stderr).text();
    if ((await child.exited) !== 0) throw new Error(complaint);
  };
  try {
    const startedAt = performance.now();
    await vagrant("up", "--provider", "libvirt");
    return performance.now() - startedAt;
  } finally {
    await vagrant("destroy", "--force");
  }
}

/** Null where Vagrant cannot run. */
export async function benchVmBoot(): Promise<VmBootResult | null> {
  const product = await startProduct("vagrant").catch((error: unknown) => {
    console.error(`VM boot: skipped: ${error instanceof Error ? error.message.trim() : error}`);
    return null;
  });
  if (!product) return null;
  const { client } = product;
  try {
    // The first one also adds the box to this fresh home, once for all that follow.
    await destroyVm(client, await createVm(client, "first"));
    const startedAt = performance.now();
    const vmId = await createVm(client, "ours");
    const runningAt = performance.now();
    await typeAndRead(client, vmId);
    const endedAt = performance.now();
    const bareMs = await bareUpMs(product, "ours");
    const oursMs = endedAt - startedAt;
    return { oursMs, terminalMs: endedAt - runningAt, bareMs, ratio: oursMs / bareMs };
  } finally {
    const { vms } = await client.request("vm.list", {});
    for (const vm of vms) await destroyVm(client, vm.id);
    await product.stop();
  }
}

if (import.meta.main) {
  const result = await benchVmBoot();
  if (result) {
    const { oursMs, terminalMs, bareMs, ratio } = result;
    console.log(
      `VM boot: create to a typed answer ${(oursMs / 1_000).toFixed(1)} s (of which terminal ${(terminalMs / 1_000).toFixed(1)} s), vagrant up alone ${(bareMs / 1_000).toFixed(1)} s, ratio ${ratio.toFixed(2)}`,
    );
  }
  process.exit(0);
}
