/** What a running job has said so far: its newest lines, what of them is published and stored, its step. */
import type { JobId, JobLine, JobProgram, JobView } from "#protocol";
import { limits } from "#protocol";
import { AppError } from "../../core/errors.ts";
import { cleanLines, commandLineOf } from "./job-lines.ts";

export class LiveJob {
  readonly #lines: JobLine[] = [];
  #lastN = 0;
  #publishedN = 0;
  #storedN = 0;
  #stepPublished = true;
  #stepStored = true;
  readonly #programs: JobProgram[] = [];
  /** Numbers of programs whose begin or end is not stored yet. */
  readonly #unstoredPrograms = new Set<number>();
  readonly #controller = new AbortController();

  /** `firstN` and `firstProgram` continue the numbers of a run that a crash interrupted. */
  constructor(
    public view: JobView,
    firstN: number,
    private readonly now: () => number,
    private readonly firstProgram = 0,
  ) {
    this.#lastN = this.#publishedN = this.#storedN = firstN;
  }

  get id(): JobId {
    return this.view.id;
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  abort(reason: AppError): void {
    if (this.signal.aborted) return;
    this.view = { ...this.view, cancellable: false };
    this.#stepPublished = false;
    this.#controller.abort(reason);
  }

  write(stream: JobLine["stream"], text: string): void {
    for (const line of cleanLines(text)) {
      this.#lastN += 1;
      this.#lines.push({ n: this.#lastN, atMs: this.now(), stream, text: line });
    }
    const excess = this.#lines.length - limits.jobOutputLines;
    if (excess > 0) this.#lines.splice(0, excess);
  }

  step(text: string, progress: number): void {
    const [step = ""] = cleanLines(text);
    // Never backwards: a bar that jumps back reads as a fault.
    const share = Math.min(1, Math.max(this.view.progress, Number.isFinite(progress) ? progress : 0));
    if (step === this.view.step && share === this.view.progress) return;
    if (step !== this.view.step) this.write("step", step);
    this.view = { ...this.view, step, progress: share };
    this.#stepPublished = this.#stepStored = false;
  }

  /** Notes a program; call the answer with its exit code when it ends. */
  beginProgram(argv: readonly string[]): (exitCode: number | null) => void {
    const n = this.firstProgram + this.#programs.length + 1;
    const program = {
      n,
      commandLine: commandLineOf(argv),
      startedAtMs: this.now(),
      endedAtMs: null,
      exitCode: null,
    };
    const index = this.#programs.push(program) - 1;
    this.#unstoredPrograms.add(n);
    return (exitCode) => {
      this.#programs[index] = { ...program, endedAtMs: this.now(), exitCode };
      this.#unstoredPrograms.add(n);
    };
  }

  programs(): readonly JobProgram[] {
    return this.#programs;
  }

  /** Lines every listener has had: what a snapshot holds, so that the next event neither repeats nor skips one. */
  publishedLines(): JobLine[] {
    return this.#lines.filter((line) => line.n <= this.#publishedN);
  }

  allLines(): JobLine[] {
    return [...this.#lines];
  }

  takeUnpublished(): { readonly lines: JobLine[]; readonly view: JobView | null } {
    const lines = this.#lines.filter((line) => line.n > this.#publishedN);
    const view = this.#stepPublished ? null : this.view;
    this.#publishedN = this.#lastN;
    this.#stepPublished = true;
    return { lines, view };
  }

  get hasUnstored(): boolean {
    return this.#storedN !== this.#lastN || !this.#stepStored || this.#unstoredPrograms.size > 0;
  }

  unstored(): {
    readonly lines: JobLine[];
    readonly programs: readonly JobProgram[];
    readonly stepChanged: boolean;
    readonly lastN: number;
  } {
    const lines = this.#storedN === this.#lastN ? [] : this.#lines.filter((line) => line.n > this.#storedN);
    const programs = this.#programs.filter(({ n }) => this.#unstoredPrograms.has(n));
    return { lines, programs, stepChanged: !this.#stepStored, lastN: this.#lastN };
  }

  /** Called once the transaction that stored them is through. */
  markStored(lastN: number): void {
    this.#storedN = lastN;
    this.#stepStored = true;
    // Single-threaded: nothing was noted between the transaction and this.
    this.#unstoredPrograms.clear();
  }
}
