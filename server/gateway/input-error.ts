/** The first thing wrong with an input, as one sentence that names the field and what is allowed, never the value sent. */
import type { z } from "zod";
import { AppError } from "../core/errors.ts";

export function toInputError(error: z.ZodError): AppError {
  const issue = error.issues[0];
  if (!issue) return new AppError("invalid_input", "The input is not allowed");
  const path = issue.path.map(String);
  if (issue.code === "unrecognized_keys") {
    // The name comes from outside, so only one that looks like a field is repeated.
    const key = issue.keys.find((name) => /^[A-Za-z_][\w-]{0,39}$/.test(name));
    const field = [...path, ...(key === undefined ? [] : [key])].join(".");
    return new AppError("invalid_input", `${field === "" ? "A field" : field}: there is no such field`, {
      ...(field !== "" && { field }),
    });
  }
  const field = path.join(".");
  return new AppError("invalid_input", field === "" ? issue.message : `${field}: ${issue.message}`, {
    ...(field !== "" && { field }),
  });
}
