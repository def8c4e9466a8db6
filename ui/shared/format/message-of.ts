/** What a person is told when a request fails. */
import { RequestError } from "#client";

export function messageOf(error: unknown): string {
  if (error instanceof RequestError) return error.message;
  console.error(error);
  return "Something went wrong on this page";
}
