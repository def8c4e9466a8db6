/** A client whose connection, answers and terminal bytes are moved by the test. */
import type {
  Client,
  ClientPhase,
  ClientStatus,
  RequestError,
  TerminalHandlers,
  TerminalStream,
  TopicHandlers,
} from "#client";
import type { CommandName, CommandOutput, CommandRequest, EventOf, TerminalId, TopicName } from "#protocol";

interface Waiting {
  readonly name: CommandName;
  resolve(output: unknown): void;
  reject(error: RequestError): void;
}

interface Attachment {
  readonly handlers: TerminalHandlers;
  readonly typed: number[];
  drawn: number;
}

export class HandClient implements Client {
  readonly hello = null;
  readonly asked: [CommandName, unknown][] = [];
  attachments = 0;
  #phase: ClientPhase = "online";
  readonly #listeners = new Set<(status: ClientStatus) => void>();
  #waiting: Waiting[] = [];
  readonly #terminals = new Map<number, Attachment>();
  readonly #topics = new Map<string, (event: unknown) => void>();

  get status(): ClientStatus {
    return { phase: this.#phase, latencyMs: null, retryAtMs: null, closedBy: null, sinceMs: 0 };
  }

  connect(): void {}
  close(): void {}
  wake(): void {}

  onStatus(listener: (status: ClientStatus) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  request<N extends CommandName>(name: N, input: CommandRequest<N>): Promise<CommandOutput<N>> {
    this.asked.push([name, input]);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ name, resolve: resolve as (output: unknown) => void, reject });
    });
  }

  subscribe<T extends TopicName>(topic: T, handlers: TopicHandlers<T>): () => void {
    const channel = `${topic}#${handlers.key ?? ""}`;
    this.#topics.set(channel, handlers.onEvent as (event: unknown) => void);
    return () => this.#topics.delete(channel);
  }

  attachTerminal(terminalId: TerminalId, handlers: TerminalHandlers): TerminalStream {
    this.attachments += 1;
    const attachment: Attachment = { handlers, typed: [], drawn: 0 };
    this.#terminals.set(terminalId, attachment);
    return {
      send: (bytes) => void attachment.typed.push(...bytes),
      drawn: (byteCount) => void (attachment.drawn += byteCount),
      dispose: () => this.#terminals.delete(terminalId),
    };
  }

  setPhase(phase: ClientPhase): void {
    this.#phase = phase;
    for (const listener of this.#listeners) listener(this.status);
  }

  async answer<N extends CommandName>(name: N, output: CommandOutput<N>): Promise<void> {
    this.#take(name).resolve(output);
    await this.#settle();
  }

  async refuse(name: CommandName, error: RequestError): Promise<void> {
    this.#take(name).reject(error);
    await this.#settle();
  }

  tell(terminalId: number, event: EventOf<"terminal.state">): void {
    this.#topics.get(`terminal.state#${terminalId}`)?.(event);
  }

  output(terminalId: number, bytes: Uint8Array): void {
    this.#terminals.get(terminalId)?.handlers.onOutput(bytes);
  }

  restore(terminalId: number, bytes: Uint8Array): void {
    this.#terminals.get(terminalId)?.handlers.onRestore(bytes);
  }

  attached(): number[] {
    return [...this.#terminals.keys()];
  }

  typed(terminalId: number): number[] {
    return this.#terminals.get(terminalId)?.typed ?? [];
  }

  drawn(terminalId: number): number {
    return this.#terminals.get(terminalId)?.drawn ?? 0;
  }

  #take(name: CommandName): Waiting {
    const waiting = this.#waiting.find((entry) => entry.name === name);
    if (!waiting) throw new Error(`Nobody waits for an answer to ${name}`);
    this.#waiting = this.#waiting.filter((entry) => entry !== waiting);
    return waiting;
  }

  /** Lets everything that waits for the answer run. */
  async #settle(): Promise<void> {
    for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
  }
}
