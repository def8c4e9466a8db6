/** Bursts of 20 events to 200 sockets: frames per second of server CPU, ours against a bare `server.publish`. `bun bench/fanout.ts` */
import { openSockets } from "./peers/clients.ts";
import { median, startServer } from "./peers/server-process.ts";

const SOCKETS = 200;
const BURST = 20;
const WARM_UP_BURSTS = 10;
const BURSTS = 60;
/** Ours and the floor take turns, so that a busy machine slows both. */
const ROUNDS = 3;

export interface FanoutResult {
  /** Frames per CPU second. */
  readonly ours: number;
  readonly bare: number;
  readonly ratio: number;
}

async function framesPerCpuSecond(script: string, subscribes: boolean): Promise<number> {
  const server = await startServer(script);
  let frames = 0;
  let snapshots = 0;
  let wanted = Number.POSITIVE_INFINITY;
  let arrived = () => {};
  const sockets = await openSockets(server.port, SOCKETS, (text) => {
    if (text.startsWith('{"t":"event"')) frames += 1;
    else if (subscribes && text.startsWith('{"t":"snapshot"')) snapshots += 1;
    if (frames >= wanted || (subscribes && snapshots === SOCKETS)) arrived();
  });
  if (subscribes) {
    const subscribed = new Promise<void>((resolve) => (arrived = resolve));
    for (const socket of sockets) socket.send('{"t":"subscribe","id":1,"topic":"metrics.host"}');
    await subscribed;
    snapshots = 0;
  }
  const [first] = sockets;
  const burst = (id: number) => {
    wanted = frames + SOCKETS * BURST;
    const done = new Promise<void>((resolve) => (arrived = resolve));
    first?.send(`{"t":"command","id":${id},"name":"job.list","input":{"limit":${BURST}}}`);
    return done;
  };
  for (let id = 2; id < 2 + WARM_UP_BURSTS; id += 1) await burst(id);
  const before = await server.cpuUs();
  for (let id = 100; id < 100 + BURSTS; id += 1) await burst(id);
  const usedUs = (await server.cpuUs()) - before;
  await server.stop();
  return (BURSTS * BURST * SOCKETS * 1_000_000) / usedUs;
}

export async function benchFanout(): Promise<FanoutResult> {
  const ours: number[] = [];
  const bare: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    bare.push(await framesPerCpuSecond("bare-server.ts", false));
    ours.push(await framesPerCpuSecond("gateway-server.ts", true));
  }
  const ratio = median(ours.map((value, round) => value / (bare[round] ?? Number.NaN)));
  return { ours: median(ours), bare: median(bare), ratio };
}

if (import.meta.main) {
  const { ours, bare, ratio } = await benchFanout();
  console.log(
    `fan-out: ours ${Math.round(ours)} frames per CPU second, bare publish ${Math.round(bare)}, ratio ${ratio.toFixed(2)}`,
  );
  process.exit(0);
}
