/** The first thing wrong with an input, as one sentence that names the field and what is allowed, never the value sent. */
import type { z } from "zod";
import { AppError } from "../core/errors.ts";

/** Messages of the protocol's schemas complete the sentence "FIELD must be ...". */
export function toInputError(error: z.ZodError): AppError {
  const issue = error.issues[0];
  if (issue?.code === "unrecognized_keys") return unknownField(issue);
  const field = issue?.path.map(String).join(".") ?? "";
  if (!issue || field === "")
    return new AppError("invalid_input", "The input must be an object with the command's fields");
  return new AppError("invalid_input", `${field} must be ${issue.message}`, { field });
}

function unknownField({ path, keys }: z.core.$ZodIssueUnrecognizedKeys): AppError {
  // The name comes from outside, so only one that looks like a field is repeated.
  const key = keys.find((name) => /^[A-Za-z_][\w-]{0,39}$/.test(name));
  if (key === undefined) return new AppError("invalid_input", "There is no such field");
  const field = [...path.map(String), key].join(".");
  return new AppError("invalid_input", `There is no field ${field}`, { field });
}
