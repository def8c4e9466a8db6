/**
 * Terminal throughput and Ctrl-C against the limits of this machine, as ratios in one run: `bun bench/terminal.ts`.
 * The peer is node-pty with ws; `npm install node-pty ws` in a folder of its own and name it in TWARGA_BENCH_PEERS.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BINARY_HEADER_BYTES, limits } from "#protocol";

const FILE_BYTES = 50_000_000;
const LINE_BYTES = 80;
/** The tty turns each LF into CR LF. */
const SENT_BYTES = FILE_BYTES + FILE_BYTES / LINE_BYTES;
const ROUNDS = 3;
/** A browser that draws slowly, and a flood that has run for a while. */
const DRAW_BYTES_PER_S = 10_000_000;
const FLOOD_MS = 2_000;
const CTRL_C_ROUNDS = 5;
/** `getconf CLK_TCK` on every Linux we run on. */
const TICKS_PER_S = 100;
const END = "END-OF-FILE";

type Kind = "bare" | "product" | "node-pty";

interface Run {
  readonly child: Bun.Subprocess;
  readonly socket: WebSocket;
}

const peers = process.env.TWARGA_BENCH_PEERS;
const hasPeer = peers !== undefined && existsSync(join(peers, "node_modules/node-pty"));

async function start(kind: Kind, argv: readonly string[]): Promise<Run> {
  const server =
    kind === "node-pty"
      ? ["node", join(import.meta.dir, "terminal-node-pty.mjs")]
      : [process.execPath, join(import.meta.dir, "terminal-server.ts"), kind];
  const child = Bun.spawn([...server, ...argv], { stdout: "pipe", stderr: "inherit" });
  const { value } = await child.stdout.getReader().read();
  const socket = new WebSocket(`ws://127.0.0.1:${new TextDecoder().decode(value).trim()}`);
  socket.binaryType = "arraybuffer";
  await new Promise((resolve, reject) => {
    socket.addEventListener("open", resolve);
    socket.addEventListener("error", reject);
  });
  return { child, socket };
}

async function stop({ child, socket }: Run): Promise<void> {
  socket.close();
  child.kill();
  await child.exited;
}

function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_S;
}

const payloadOf = (kind: Kind, data: ArrayBuffer) =>
  new Uint8Array(data, kind === "product" ? BINARY_HEADER_BYTES : 0);
const median = (values: readonly number[]) =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
const endsWith = (bytes: Uint8Array, text: string) =>
  Buffer.from(bytes.subarray(-256)).toString().trimEnd().endsWith(text);

export interface Throughput {
  readonly mbPerS: number;
  readonly cpuPerGb: number;
  readonly lostBytes: number;
}

async function measureThroughput(kind: Kind, file: string): Promise<Throughput> {
  // The first flood is not counted: it warms up the compiler of the runtime, ours and the peers' alike.
  const script = `stty -echo; cat ${file}; printf ready; read go; cat ${file}; printf ${END}; sleep 60`;
  const run = await start(kind, ["sh", "-c", script]);
  let received = 0;
  let acknowledged = 0;
  let counted = 0;
  const ready = Promise.withResolvers<void>();
  const done = Promise.withResolvers<number>();
  run.socket.addEventListener("message", ({ data }: MessageEvent<ArrayBuffer>) => {
    const payload = payloadOf(kind, data);
    received += payload.length;
    counted += payload.length;
    if (received - acknowledged >= limits.terminalAckEveryBytes || counted < 100) {
      acknowledged = received;
      if (kind === "product") run.socket.send(String(received));
    }
    if (endsWith(payload, "ready")) ready.resolve();
    if (endsWith(payload, END)) done.resolve(performance.now());
  });
  await ready.promise;
  counted = 0;
  const cpuBefore = cpuSeconds(run.child.pid);
  const startedAt = performance.now();
  run.socket.send(Buffer.from("\n"));
  const seconds = ((await done.promise) - startedAt) / 1_000;
  const cpu = cpuSeconds(run.child.pid) - cpuBefore;
  await stop(run);
  return {
    mbPerS: counted / 1e6 / seconds,
    cpuPerGb: cpu / (counted / 1e9),
    lostBytes: SENT_BYTES - (counted - END.length),
  };
}

/** From the key to the drawn prompt, with a page that draws at a steady pace; gives milliseconds, and the largest page queue. */
async function measureCtrlC(kind: Kind): Promise<{ ms: number; queueBytes: number }> {
  const run = await start(kind, ["bash", "--norc"]);
  const queue: Uint8Array[] = [];
  let [received, drawn, acknowledged, queueBytes, last] = [0, 0, 0, 0, performance.now()];
  let lastDrawn = new Uint8Array();
  run.socket.addEventListener("message", ({ data }: MessageEvent<ArrayBuffer>) => {
    const payload = payloadOf(kind, data);
    queue.push(payload);
    received += payload.length;
    queueBytes = Math.max(queueBytes, received - drawn);
  });
  const timer = setInterval(() => {
    const now = performance.now();
    let budget = ((now - last) * DRAW_BYTES_PER_S) / 1_000;
    last = now;
    for (let head = queue.shift(); head; head = queue.shift()) {
      const part = head.subarray(0, Math.floor(budget));
      drawn += part.length;
      budget -= part.length;
      if (part.length > 0) lastDrawn = new Uint8Array(part);
      if (part.length < head.length) {
        queue.unshift(head.subarray(part.length));
        break;
      }
    }
    if (drawn - acknowledged < limits.terminalAckEveryBytes && (drawn < received || drawn === acknowledged))
      return;
    acknowledged = drawn;
    if (kind === "product") run.socket.send(String(drawn));
  }, 1);
  const isAtPrompt = () => drawn === received && endsWith(lastDrawn, "$");
  const atPrompt = async () => {
    while (!isAtPrompt()) await Bun.sleep(0);
  };
  await Bun.sleep(300);
  await atPrompt();
  run.socket.send(Buffer.from("yes\r"));
  await Bun.sleep(FLOOD_MS);
  const typedAt = performance.now();
  run.socket.send(Buffer.from("\u0003"));
  await atPrompt();
  const ms = performance.now() - typedAt;
  clearInterval(timer);
  await stop(run);
  return { ms, queueBytes };
}

export interface TerminalResult {
  readonly product: Throughput;
  readonly bare: Throughput;
  /** Null without TWARGA_BENCH_PEERS. */
  readonly peer: Throughput | null;
  /** Slowest of all rounds. */
  readonly ctrlCMs: number;
  readonly pageQueueBytes: number;
}

/** Speed and CPU are medians; of the bytes the worst round counts. */
function middle(rounds: readonly Throughput[]): Throughput {
  return {
    mbPerS: median(rounds.map((round) => round.mbPerS)),
    cpuPerGb: median(rounds.map((round) => round.cpuPerGb)),
    lostBytes: Math.max(...rounds.map((round) => round.lostBytes)),
  };
}

export async function benchTerminal(): Promise<TerminalResult> {
  const folder = mkdtempSync(join(tmpdir(), "twarga-bench-"));
  const file = join(folder, "lines");
  writeFileSync(file, `${"0123456789".repeat(8).slice(0, LINE_BYTES - 1)}\n`.repeat(FILE_BYTES / LINE_BYTES));
  const rounds: Record<Kind, Throughput[]> = { bare: [], product: [], "node-pty": [] };
  const kinds: readonly Kind[] = hasPeer ? ["bare", "product", "node-pty"] : ["bare", "product"];
  // In turns, so that a busy machine slows all of them; the first round warms up the disk cache.
  for (let round = 0; round <= ROUNDS; round++)
    for (const kind of kinds) {
      const result = await measureThroughput(kind, file);
      if (round > 0) rounds[kind].push(result);
    }
  const ctrlC: { ms: number; queueBytes: number }[] = [];
  for (let round = 0; round < CTRL_C_ROUNDS; round++) ctrlC.push(await measureCtrlC("product"));
  rmSync(folder, { recursive: true, force: true });
  return {
    product: middle(rounds.product),
    bare: middle(rounds.bare),
    peer: hasPeer ? middle(rounds["node-pty"]) : null,
    ctrlCMs: Math.max(...ctrlC.map(({ ms }) => ms)),
    pageQueueBytes: Math.max(...ctrlC.map(({ queueBytes }) => queueBytes)),
  };
}

if (import.meta.main) {
  const { product, bare, peer, ctrlCMs, pageQueueBytes } = await benchTerminal();
  for (const [name, result] of Object.entries({ product, bare, "node-pty": peer }))
    if (result)
      console.log(
        `terminal, ${name}: ${result.mbPerS.toFixed(1)} MB/s, ${result.cpuPerGb.toFixed(1)} CPU s/GB, lost ${result.lostBytes} bytes`,
      );
    else console.log(`terminal, ${name}: skipped, TWARGA_BENCH_PEERS names no folder with node-pty and ws`);
  console.log(
    `Ctrl-C at 10 MB/s: ${ctrlCMs.toFixed(0)} ms at worst, page queue ${Math.round(pageQueueBytes / 1_024)} KiB`,
  );
  process.exit(0);
}
