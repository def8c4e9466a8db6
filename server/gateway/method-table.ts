/** Which verbs a known path answers, for those who come with another one. */

interface Entry {
  readonly pattern: RegExp;
  readonly methods: string[];
}

export class MethodTable {
  readonly #byPath = new Map<string, Entry>();

  /** `path` as the router knows it, with `:name` and `*`. */
  add(method: string, path: string): void {
    const entry = this.#byPath.get(path) ?? { pattern: patternOf(path), methods: [] };
    this.#byPath.set(path, entry);
    entry.methods.push(method);
    // A handshake has no answer to leave the body out of.
    if (method === "GET" && path !== "/ws") entry.methods.push("HEAD");
  }

  /** As the header `Allow` lists them; null for a path that no route has. */
  of(pathname: string): string | null {
    const fitting = [...this.#byPath.values()].filter(({ pattern }) => pattern.test(pathname));
    const methods = fitting.flatMap((entry) => entry.methods);
    return methods.length === 0 ? null : methods.toSorted().join(", ");
  }
}

function patternOf(path: string): RegExp {
  const source = path
    .split("/")
    .map((part) => (part === "*" ? ".*" : part.startsWith(":") ? "[^/]+" : RegExp.escape(part)))
    .join("/");
  return new RegExp(`^${source}$`);
}
