/** Whatever holds a timer, listener or process is owned by a stack and ends with it. */
export interface Disposable {
  dispose(): void | Promise<void>;
}

/** Ends its members in reverse order of arrival; one that throws does not keep the others alive. */
export class DisposableStack implements Disposable {
  readonly #members: Disposable[] = [];

  use<D extends Disposable>(member: D): D {
    this.#members.push(member);
    return member;
  }

  defer(dispose: () => void | Promise<void>): void {
    this.#members.push({ dispose });
  }

  async dispose(): Promise<void> {
    const failures: unknown[] = [];
    for (const member of this.#members.splice(0).toReversed()) {
      try {
        await member.dispose();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, "Some members failed to end");
  }
}
