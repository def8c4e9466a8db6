/** A read command and its reply: server CPU, ours against a bare echo of the same socket server. `bun bench/commands.ts` */
import { openSockets } from "./peers/clients.ts";
import { median, startServer } from "./peers/server-process.ts";

const SOCKETS = 100;
/**
 * Until about 80,000 commands the compiler of the runtime still works on the server's code, on ours longer than on the few
 * lines of the echo, and its threads count as CPU. Both are warmed up alike: what is compared is a server that has run a minute.
 */
const WARM_UP_RUNS = 6;
/** Per socket and run: below the burst that one socket may send. */
const COMMANDS = 150;
const MEASURED_RUNS = 3;
/** After it each socket may send a whole burst again. */
const REFILL_MS = 900;
const ROUNDS = 3;

export interface CommandsResult {
  /** CPU microseconds per command. */
  readonly oursUs: number;
  readonly bareUs: number;
  readonly ratio: number;
}

async function cpuUsPerCommand(script: string): Promise<number> {
  const server = await startServer(script);
  const left = new Uint32Array(SOCKETS);
  let busy = 0;
  let finished = () => {};
  const ask = (socket: WebSocket, id: number) =>
    socket.send(`{"t":"command","id":${id},"name":"job.list","input":{}}`);
  const sockets = await openSockets(server.port, SOCKETS, (_text, socket, index) => {
    const rest = (left[index] ?? 0) - 1;
    left[index] = rest;
    if (rest > 0) return ask(socket, rest);
    busy -= 1;
    if (busy === 0) finished();
  });
  /** Every socket sends its next command when the reply to the last has come. */
  const run = (commands: number) => {
    left.fill(commands);
    busy = SOCKETS;
    for (const socket of sockets) ask(socket, commands);
    return new Promise<void>((resolve) => (finished = resolve));
  };
  for (let warmUp = 0; warmUp < WARM_UP_RUNS; warmUp += 1) {
    await run(COMMANDS);
    await Bun.sleep(REFILL_MS);
  }
  let usedUs = 0;
  for (let measured = 0; measured < MEASURED_RUNS; measured += 1) {
    const before = await server.cpuUs();
    await run(COMMANDS);
    usedUs += (await server.cpuUs()) - before;
    await Bun.sleep(REFILL_MS);
  }
  await server.stop();
  return usedUs / (SOCKETS * COMMANDS * MEASURED_RUNS);
}

export async function benchCommands(): Promise<CommandsResult> {
  const ours: number[] = [];
  const bare: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    bare.push(await cpuUsPerCommand("bare-server.ts"));
    ours.push(await cpuUsPerCommand("gateway-server.ts"));
  }
  const ratio = median(ours.map((value, round) => value / (bare[round] ?? Number.NaN)));
  return { oursUs: median(ours), bareUs: median(bare), ratio };
}

if (import.meta.main) {
  const { oursUs, bareUs, ratio } = await benchCommands();
  console.log(
    `command: ours ${oursUs.toFixed(1)} us of CPU, bare echo ${bareUs.toFixed(1)} us, ratio ${ratio.toFixed(2)}`,
  );
  process.exit(0);
}
