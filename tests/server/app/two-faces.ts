/** A user of a real server with both faces, REST and socket. */
import { SUBPROTOCOL } from "#protocol";
import { waitFor } from "../../helpers/wait-for.ts";
import type { ServerProcess } from "./server-process.ts";

const PASSWORD = "correct horse battery";

export interface Refusal {
  readonly code: string;
  readonly message: string;
  readonly field?: string;
}
export interface Answer {
  readonly ok: boolean;
  readonly error?: Refusal;
  readonly output?: unknown;
}

/** A user with both faces. */
export class Client {
  readonly #answers = new Map<number, Answer>();
  #lastId = 0;

  private constructor(
    readonly server: ServerProcess,
    readonly token: string,
    readonly socket: WebSocket,
  ) {
    socket.addEventListener("message", ({ data }) => {
      if (typeof data !== "string") return;
      const frame = JSON.parse(data) as Answer & { readonly t: string; readonly id?: number };
      if ((frame.t === "reply" || frame.t === "refusal") && frame.id !== undefined)
        this.#answers.set(frame.id, frame);
    });
  }

  static async register(server: ServerProcess, username: string): Promise<Client> {
    const response = await server.post("/api/auth/register", { username, password: PASSWORD });
    const { access_token: token } = (await response.json()) as { access_token: string };
    const options = { protocols: [SUBPROTOCOL], headers: { authorization: `Bearer ${token}` } };
    // The DOM's type of the constructor hides Bun's, which takes headers.
    const socket: WebSocket = Reflect.construct(WebSocket, [
      `${server.url.replace("http", "ws")}/ws`,
      options,
    ]);
    socket.binaryType = "arraybuffer";
    await new Promise<void>((resolve) => socket.addEventListener("open", () => resolve()));
    return new Client(server, token, socket);
  }

  async rest(
    method: string,
    path: string,
    body?: string,
    key?: string,
  ): Promise<Answer & { readonly status: number }> {
    const response = await fetch(this.server.url + path, {
      method,
      headers: {
        authorization: `Bearer ${this.token}`,
        "content-type": "application/json",
        ...(key && { "idempotency-key": key }),
      },
      ...(body !== undefined && { body }),
    });
    const output = (await response.json()) as { error?: Refusal };
    return { status: response.status, ok: response.ok, output, ...(output.error && { error: output.error }) };
  }

  async command(name: string, input: unknown): Promise<Answer> {
    const id = ++this.#lastId;
    this.socket.send(JSON.stringify({ t: "command", id, name, input }));
    return waitFor(`the answer to ${name}`, () => this.#answers.get(id));
  }
}
