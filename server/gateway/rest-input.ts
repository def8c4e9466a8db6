/** Puts a command's input together from path, query and body, and turns their strings into what the schema's fields are. */
import { z } from "zod";
import { AppError } from "../core/errors.ts";

type Fields = Readonly<Record<string, unknown>>;

export interface RestParts {
  readonly path: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly body: Fields;
}

/** Every field has one source: two values for one field are refused, so that no check looks at the wrong one. */
export function restInput(schema: z.ZodType, parts: RestParts): Record<string, unknown> {
  const input: Record<string, unknown> = { ...parts.body };
  const put = (name: string, text: string) => {
    // Assigning it would set nothing and be seen by no schema.
    if (name === "__proto__") throw new AppError("invalid_input", "There is no such field");
    if (Object.hasOwn(input, name)) {
      throw new AppError("invalid_input", `${name} is given twice`, { field: name });
    }
    input[name] = coerce(fieldOf(schema, name), text);
  };
  for (const [name, text] of Object.entries(parts.path)) put(name, text);
  for (const [name, text] of parts.query) put(name, text);
  return input;
}

function fieldOf(schema: z.ZodType, name: string): z.core.$ZodType | undefined {
  return schema instanceof z.ZodObject && Object.hasOwn(schema.shape, name) ? schema.shape[name] : undefined;
}

/** What does not look like the field's type stays text, and the schema refuses it as on the socket. */
function coerce(field: z.core.$ZodType | undefined, text: string): unknown {
  const inner = unwrap(field);
  if (inner instanceof z.ZodNumber && /^(0|[1-9]\d{0,15})$/.test(text)) {
    const value = Number(text);
    return Number.isSafeInteger(value) ? value : text;
  }
  if (inner instanceof z.ZodBoolean && (text === "true" || text === "false")) return text === "true";
  return text;
}

function unwrap(field: z.core.$ZodType | undefined): z.core.$ZodType | undefined {
  const isWrapper =
    field instanceof z.ZodOptional || field instanceof z.ZodDefault || field instanceof z.ZodNullable;
  return isWrapper ? unwrap(field.def.innerType) : field;
}
