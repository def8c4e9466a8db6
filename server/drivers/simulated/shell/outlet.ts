/** The way out of a simulated shell: in order, in small pieces, and not at all while paused. */

/** One piece per turn of the event loop, so that a pause takes effect between two pieces. */
const PIECE_BYTES = 32 * 1024;

export class Outlet {
  #queue: Uint8Array[] = [];
  #paused = false;
  #closed = false;
  #pumping = false;
  #waiters: (() => void)[] = [];

  constructor(private readonly deliver: (bytes: Uint8Array) => void) {}

  /** Text of programs: line feeds become what a terminal needs. */
  print(text: string): void {
    this.write(Buffer.from(text.replace(/\r?\n/g, "\r\n")));
  }

  write(bytes: Uint8Array): void {
    if (this.#closed || bytes.length === 0) return;
    for (let at = 0; at < bytes.length; at += PIECE_BYTES)
      this.#queue.push(bytes.subarray(at, at + PIECE_BYTES));
    if (!this.#pumping) this.#pump();
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    if (!this.#pumping) this.#pump();
  }

  /** Resolves when everything written so far is out, in a later turn of the event loop. */
  drained(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#closed || this.#isIdle()) setImmediate(resolve);
      else this.#waiters.push(resolve);
    });
  }

  /** What is still queued is dropped. */
  close(): void {
    this.#closed = true;
    this.#queue = [];
    this.#release();
  }

  #isIdle(): boolean {
    return this.#queue.length === 0 && !this.#paused;
  }

  #pump(): void {
    this.#pumping = false;
    if (this.#closed || this.#paused) return;
    const piece = this.#queue.shift();
    if (piece) this.deliver(piece);
    if (this.#queue.length > 0) {
      this.#pumping = true;
      setImmediate(() => this.#pump());
    } else if (this.#isIdle()) this.#release();
  }

  #release(): void {
    for (const waiter of this.#waiters.splice(0)) waiter();
  }
}
