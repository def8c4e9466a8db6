/** Many sockets to one server, opened a few at a time and ready when each has heard the hello. */
import { SUBPROTOCOL } from "#protocol";

const AT_ONCE = 50;

export async function openSockets(
  port: number,
  count: number,
  onText: (text: string, socket: WebSocket, index: number) => void,
): Promise<WebSocket[]> {
  const sockets: WebSocket[] = [];
  while (sockets.length < count) {
    const batch = Array.from({ length: Math.min(AT_ONCE, count - sockets.length) }, (_item, index) =>
      openSocket(port, sockets.length + index, onText),
    );
    sockets.push(...(await Promise.all(batch)));
  }
  return sockets;
}

function openSocket(
  port: number,
  index: number,
  onText: (text: string, socket: WebSocket, index: number) => void,
): Promise<WebSocket> {
  const options: Bun.WebSocketOptions = {
    protocols: [SUBPROTOCOL],
    headers: { authorization: `Bearer bench-${index}` },
  };
  // The DOM's type of the constructor hides Bun's, which takes headers.
  const socket: WebSocket = Reflect.construct(WebSocket, [`ws://127.0.0.1:${port}/ws`, options]);
  return new Promise((resolve, reject) => {
    let isReady = false;
    socket.addEventListener("message", ({ data }) => {
      if (isReady) return onText(String(data), socket, index);
      isReady = true;
      resolve(socket);
    });
    socket.addEventListener("close", ({ code }) => reject(new Error(`Socket ${index} closed with ${code}`)));
  });
}
