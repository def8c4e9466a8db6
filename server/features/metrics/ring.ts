/** The newest samples of one source, with an upper bound. */
export class Ring<T> {
  readonly #items: T[] = [];
  #next = 0;

  constructor(private readonly capacity: number) {}

  push(item: T): void {
    this.#items[this.#next] = item;
    this.#next = (this.#next + 1) % this.capacity;
  }

  get last(): T | null {
    const index = (this.#next + this.capacity - 1) % this.capacity;
    return this.#items[index] ?? null;
  }

  /** Oldest first. */
  toArray(): T[] {
    return [...this.#items.slice(this.#next), ...this.#items.slice(0, this.#next)];
  }
}
