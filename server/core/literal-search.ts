/** A text search of a user as a LIKE pattern in which nothing of the text is a wildcard. Use it with `escape '\'`. */
export function containsPattern(text: string): string {
  return `%${text.replace(/[\\%_]/g, "\\$&")}%`;
}
