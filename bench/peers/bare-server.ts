/** Bun.serve and nothing else: echoes what it gets, and publishes a burst when a frame names a `limit`. */
import { burstSample, eventFrame } from "./frames.ts";
import { reportTo } from "./server-process.ts";

const server = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  fetch: (request, self) => (self.upgrade(request) ? undefined : new Response(null, { status: 400 })),
  websocket: {
    open(socket) {
      socket.subscribe("all");
      socket.send('{"t":"hello"}');
    },
    message(socket, text) {
      const limit = typeof text === "string" ? /"limit":(\d+)/.exec(text)?.[1] : undefined;
      for (let count = 0; count < Number(limit ?? 0); count += 1) {
        server.publish("all", eventFrame(count, burstSample(count)));
      }
      socket.send(text);
    },
  },
});
reportTo(server.port ?? 0);
