/** Tab completion: commands in the first word, file names elsewhere. */
import type { InMemoryFs } from "just-bash";
import { GUEST_HOME } from "../guest.ts";

const HIT_LIMIT = 200;

export async function completeWord(
  line: string,
  shell: { readonly fs: InMemoryFs; readonly cwd: string; readonly commands: readonly string[] },
): Promise<readonly [readonly string[], string]> {
  const word = /[^\s;|&<>]*$/.exec(line)?.[0] ?? "";
  const isCommand = /(^|[;|&])\s*$/.test(line.slice(0, line.length - word.length));
  if (isCommand && !word.includes("/")) {
    const hits = shell.commands.filter((name) => name.startsWith(word)).toSorted();
    return [hits.slice(0, HIT_LIMIT).map((name) => `${name} `), word];
  }
  const cut = word.lastIndexOf("/") + 1;
  const [folder, start] = [word.slice(0, cut), word.slice(cut)];
  const path = shell.fs.resolvePath(shell.cwd, folder.replace(/^~\//, `${GUEST_HOME}/`) || ".");
  const entries = await shell.fs.readdirWithFileTypes(path);
  const hits = entries
    .filter(({ name }) => name.startsWith(start) && (start.startsWith(".") || !name.startsWith(".")))
    .map(({ name, isDirectory }) => `${folder}${name}${isDirectory ? "/" : " "}`)
    .toSorted();
  return [hits.slice(0, HIT_LIMIT), word];
}
