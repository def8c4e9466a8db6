/** The shape of one entry of the command table. */
import type { z } from "zod";

/** Who may call: `public` needs no session; `user` any active account; `admin` the admin role. */
export type Access = "public" | "user" | "admin";

export interface RestSpec {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  /** Path with `{field}` placeholders; the placeholder and, for GET, the query fill the input fields of that name. */
  readonly path: string;
  /** HTTP status of success; 200 when absent. */
  readonly status?: 200 | 201 | 202;
  /** Several commands may share one path; the body field `action` then picks the command with this value. */
  readonly action?: string;
  /** The command's answer sets (`opens`) or clears (`closes`) the session cookie. */
  readonly session?: "opens" | "closes";
  /** The output is a `textFile`: its text is the body, with its media type and as a download. */
  readonly reply?: "file";
}

export interface CommandSpec<
  I extends z.ZodType = z.ZodType,
  O extends z.ZodType = z.ZodType,
  A extends Access = Access,
> {
  readonly summary: string;
  readonly access: A;
  /** A `read` changes nothing and may be retried by clients after a lost connection. */
  readonly effect: "read" | "write";
  /** Only for a person who logged in: an API token may not change what guards the account. */
  readonly interactive?: true;
  /** Open to a user who must change the password first; everything else is refused to them. */
  readonly beforePasswordChange?: true;
  readonly input: I;
  readonly output: O;
  /** Absent for commands that only make sense on the socket. */
  readonly rest?: RestSpec;
}

/** Keeps the literal types of one table entry. */
export function command<I extends z.ZodType, O extends z.ZodType, const A extends Access>(
  spec: CommandSpec<I, O, A>,
): CommandSpec<I, O, A> {
  return spec;
}
