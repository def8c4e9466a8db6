/** The peer: node-pty and ws with a pause when the socket's queue grows, as most web terminals on Node do it. */
import { createRequire } from "node:module";
import { join } from "node:path";

const require = createRequire(join(process.env.TWARGA_BENCH_PEERS ?? process.cwd(), "index.js"));
const { spawn } = require("node-pty");
const { WebSocketServer } = require("ws");

const [, , program, ...args] = process.argv;
const HIGH_BYTES = 1024 * 1024;

const server = new WebSocketServer({ port: 0, host: "127.0.0.1" }, () => console.log(server.address().port));
server.on("connection", (socket) => {
  const env = { ...process.env, PS1: "$ " };
  const pty = spawn(program, args, { name: "xterm-256color", cols: 80, rows: 24, env, encoding: null });
  pty.onData((bytes) => {
    socket.send(bytes, () => {
      if (socket.bufferedAmount < HIGH_BYTES / 2) pty.resume();
    });
    if (socket.bufferedAmount > HIGH_BYTES) pty.pause();
  });
  socket.on("message", (message, isBinary) => {
    if (isBinary) pty.write(message.toString());
  });
});
