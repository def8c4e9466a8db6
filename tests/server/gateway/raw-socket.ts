/** A WebSocket client on bare TCP: for broken handshakes, forbidden frames and readers that stop reading. */
import { randomBytes } from "node:crypto";
import type { Socket } from "node:net";
import { connect } from "node:net";
import { SUBPROTOCOL } from "#protocol";

export interface Handshake {
  readonly headers?: Readonly<Record<string, string>>;
  /** Header names to leave out. */
  readonly without?: readonly string[];
}

export class RawSocket {
  readonly tcp: Socket;
  #received: Buffer = Buffer.alloc(0);
  isGone = false;

  constructor(port: number, handshake: Handshake = {}) {
    this.tcp = connect(port, "127.0.0.1");
    this.tcp.on("data", (chunk: Buffer) => {
      this.#received = Buffer.concat([this.#received, chunk]);
    });
    this.tcp.on("close", () => {
      this.isGone = true;
    });
    this.tcp.on("error", () => {
      this.isGone = true;
    });
    const headers: Record<string, string> = {
      Host: `127.0.0.1:${port}`,
      Upgrade: "websocket",
      Connection: "Upgrade",
      "Sec-WebSocket-Version": "13",
      "Sec-WebSocket-Key": randomBytes(16).toString("base64"),
      "Sec-WebSocket-Protocol": SUBPROTOCOL,
      ...handshake.headers,
    };
    const lines = Object.entries(headers)
      .filter(([name]) => !(handshake.without ?? []).includes(name))
      .map(([name, value]) => `${name}: ${value}\r\n`);
    this.tcp.write(`GET /ws HTTP/1.1\r\n${lines.join("")}\r\n`);
  }

  /** Status of the answer to the handshake, or null while there is none. */
  status(): number | null {
    const found = /^HTTP\/1\.1 (\d{3})/.exec(this.#received.toString("latin1", 0, 15));
    return found ? Number(found[1]) : null;
  }

  get receivedBytes(): number {
    return this.#received.length;
  }

  /** Everything after the handshake as frames: opcode and payload. Server frames carry no mask. */
  frames(): { opcode: number; payload: Buffer }[] {
    const found: { opcode: number; payload: Buffer }[] = [];
    const headEnd = this.#received.indexOf("\r\n\r\n");
    let at = headEnd < 0 ? this.#received.length : headEnd + 4;
    while (at + 2 <= this.#received.length) {
      const opcode = this.#received.readUInt8(at) & 0x0f;
      const short = this.#received.readUInt8(at + 1) & 0x7f;
      const head = short === 127 ? 10 : short === 126 ? 4 : 2;
      if (at + head > this.#received.length) break;
      const length =
        short === 127
          ? Number(this.#received.readBigUInt64BE(at + 2))
          : short === 126
            ? this.#received.readUInt16BE(at + 2)
            : short;
      if (at + head + length > this.#received.length) break;
      found.push({ opcode, payload: this.#received.subarray(at + head, at + head + length) });
      at += head + length;
    }
    return found;
  }

  /** Code of the close frame, or null while there is none. */
  closeCode(): number | null {
    const close = this.frames().find((frame) => frame.opcode === 8);
    return close && close.payload.length >= 2 ? close.payload.readUInt16BE(0) : null;
  }

  texts(): string[] {
    return this.frames()
      .filter((frame) => frame.opcode === 1)
      .map((frame) => frame.payload.toString());
  }

  /** One frame as a client must send it; `first` is the first byte: FIN, reserved bits, opcode. */
  sendFrame(first: number, payload: Uint8Array | string, masked = true): void {
    const bytes = Buffer.from(payload);
    const long = bytes.length > 0xffff;
    const head = Buffer.alloc(long ? 10 : bytes.length > 125 ? 4 : 2);
    head.writeUInt8(first, 0);
    if (long) {
      head.writeUInt8(127, 1);
      head.writeBigUInt64BE(BigInt(bytes.length), 2);
    } else if (head.length === 4) {
      head.writeUInt8(126, 1);
      head.writeUInt16BE(bytes.length, 2);
    } else head.writeUInt8(bytes.length, 1);
    if (!masked) return void this.tcp.write(Buffer.concat([head, bytes]));
    head.writeUInt8(head.readUInt8(1) | 0x80, 1);
    const mask = randomBytes(4);
    const hidden = bytes.map((byte, index) => byte ^ (mask[index % 4] ?? 0));
    this.tcp.write(Buffer.concat([head, mask, hidden]));
  }

  sendText(frame: object): void {
    this.sendFrame(0x81, JSON.stringify(frame));
  }

  destroy(): void {
    this.tcp.destroy();
  }
}
