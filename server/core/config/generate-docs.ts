/** Writes `.env.example` and `docs/configuration.md` from the table of settings; a test holds them to it. */
import { resolve } from "node:path";
import { type Setting, settings } from "./schema.ts";

const entries = Object.entries<Setting>(settings);

export function envExample(): string {
  const blocks = entries.map(([name, { meaning, allowed, default: fallback, example }]) => {
    const value = fallback || example || "";
    return `# ${meaning.replaceAll("`", "")}\n# Allowed: ${allowed}.\n#${name}=${value}\n`;
  });
  return [
    "# Settings of Twarga Cloud. Copy this file to .env and take the # away from what you set.\n# Variables of the environment win over this file. See docs/configuration.md.\n",
    ...blocks,
  ].join("\n");
}

function tableRow([name, { meaning, allowed, default: fallback }]: [string, Setting]): string {
  return `| \`${name}\` | ${fallback === "" ? "not set" : `\`${fallback}\``} | ${allowed} | ${meaning} |`;
}

export function configurationPage(): string {
  return `# Configuration

The server takes its settings from the environment and, under it, from a file \`.env\` in the project's folder
(\`.env.example\` is a start). It reads \`.env\` itself, so its values do not reach Vagrant or any other program that
the server starts; \`TWARGA_ADMIN_PASSWORD\` and \`TWARGA_JWT_SECRET\` are withheld from them in any case.

A value that is not allowed stops the start with exit code 1 and one line that names the variable and what is
allowed. An empty value means "not set".

| Variable | Default | Allowed | Meaning |
| --- | --- | --- | --- |
${entries.map(tableRow).join("\n")}

## Where things are kept

| Path in \`TWARGA_HOME\` | What it is |
| --- | --- |
| \`db/twarga.sqlite\` (with \`-wal\`, \`-shm\`) | The database. |
| \`db/secrets/jwt-secret\` | The secret that signs tokens, mode 0600. Delete it and everybody logs in again. |
| \`db/lock.sqlite\` | Held while a server runs: a second one with the same home refuses to start. |
| \`vms/user{id}-{name}/\` | One folder per VM. |
| \`logs/\` | Logs of the product. The server's own log goes to standard error, one JSON object a line. |

## Which addresses a browser may use

Pages that the server itself serves may use it, under whatever name they were opened; on \`127.0.0.1\` only names of
this machine are answered. Pages of any other origin are refused. Where the browser sees another address than the
server (a reverse proxy that changes the name or the port), list that origin:
\`TWARGA_ORIGINS=https://cloud.example.org\`.

## Examples

\`\`\`sh
PORT=9000 npm start
HOST=0.0.0.0 TWARGA_ADMIN_PASSWORD='correct horse battery staple' npm start
TWARGA_HOME=/var/lib/twarga TWARGA_DRIVER=vagrant npm start
\`\`\`
`;
}

if (import.meta.main) {
  const projectDir = resolve(import.meta.dir, "../../..");
  await Bun.write(resolve(projectDir, ".env.example"), envExample());
  await Bun.write(resolve(projectDir, "docs/configuration.md"), configurationPage());
  // The page is written plainly and formatted like every other document.
  Bun.spawnSync([process.execPath, "fmt", "--no-script", "docs/configuration.md"], { cwd: projectDir });
}
