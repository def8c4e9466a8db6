/** Our gateway with one trivial command and one topic; the command publishes a burst when its `limit` asks for one. */
import type { Session } from "../../server/core/caller.ts";
import { createBus } from "../../server/core/bus.ts";
import { systemClock } from "../../server/core/clock.ts";
import { defineCommand } from "../../server/core/command.ts";
import { createLog } from "../../server/core/log.ts";
import { defineTopic } from "../../server/core/topic.ts";
import { createGateway } from "../../server/gateway/index.ts";
import { userId } from "#protocol";
import { burstSample } from "./frames.ts";
import { reportTo } from "./server-process.ts";

const bus = createBus();
const sessions = new Map<string, Session>();

/** Every token is a user of its own, because one user may open twenty sockets only. */
function sessionOf(token: string): Session {
  const known = sessions.get(token);
  if (known) return known;
  const session: Session = {
    sessionId: token,
    userId: userId.parse(sessions.size + 1),
    username: "bench",
    role: "user",
    expiresAtMs: Date.now() + 3_600_000,
    kind: "login",
    scope: "write",
    mustChangePassword: false,
  };
  sessions.set(token, session);
  return session;
}

const listJobs = defineCommand("job.list", ({ limit }) => {
  if (limit === 50) return { jobs: [], nextCursor: null };
  for (let count = 0; count < limit; count += 1) {
    bus.publish("metrics.host", { kind: "everyone" }, { sample: burstSample(count) });
  }
  return { jobs: [], nextCursor: null };
});

const gateway = createGateway({
  commands: [listJobs.bind(undefined)],
  topics: [defineTopic("metrics.host", () => ({ history: [], inventory: null }))],
  bus,
  gate: {
    open: (token) => Promise.resolve(sessionOf(token)),
    current: (sessionId) => sessions.get(sessionId) ?? null,
  },
  terminals: { input: () => {}, ack: () => {} },
  clock: systemClock,
  log: createLog("info"),
  hello: () => ({ version: "0", driver: { name: "simulated", label: "bench", simulated: true } }),
  epoch: "bench",
  origins: [],
  publicDir: null,
  health: () => ({ status: "ok", version: "0", driver: "simulated", uptimeSeconds: 0 }),
  ready: () => true,
  partial: true,
});
reportTo(gateway.start({ port: 0, host: "127.0.0.1" }).port);
