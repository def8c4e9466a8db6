/** Questions to the person at the terminal: a line, a hidden line, yes or no. Asked on stderr, so stdout stays clean. */
import { createInterface } from "node:readline";
import { usageError } from "./exit.ts";

export async function askLine(question: string): Promise<string> {
  if (!process.stdin.isTTY) throw usageError(`Cannot ask for "${question}": there is no terminal`);
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await new Promise((resolve) => {
      lines.question(`${question}: `, resolve);
      lines.once("SIGINT", () => process.exit(130));
    });
  } finally {
    lines.close();
  }
}

export async function confirm(question: string): Promise<boolean> {
  return /^y(es)?$/i.test((await askLine(`${question} [y/N]`)).trim());
}

/** Nothing of what is typed is shown, not even its length. */
export async function askHidden(question: string): Promise<string> {
  const { stdin } = process;
  if (!stdin.isTTY) throw usageError("No terminal to ask for the password; use --password-stdin");
  process.stderr.write(`${question}: `);
  stdin.setRawMode(true);
  try {
    return await readHidden(stdin);
  } finally {
    stdin.setRawMode(false);
    stdin.pause();
    process.stderr.write("\n");
  }
}

function readHidden(stdin: NodeJS.ReadStream): Promise<string> {
  return new Promise((resolve) => {
    let typed = "";
    const onData = (chunk: Buffer) => {
      for (const key of chunk.toString("utf8")) {
        if (key === "\r" || key === "\n") {
          stdin.off("data", onData);
          return resolve(typed);
        }
        if (key === "\u0003") {
          stdin.setRawMode(false);
          process.exit(130);
        }
        typed = key === "\u007f" || key === "\b" ? typed.slice(0, -1) : typed + key;
      }
    };
    stdin.on("data", onData);
    stdin.resume();
  });
}

/** All of stdin, without the newline that `echo` adds. */
export async function readAllStdin(): Promise<string> {
  return (await Bun.stdin.text()).replace(/\r?\n$/, "");
}
