/** Lines of a program are read whole, however they are cut, and without end they stay bounded. */
import { expect, test } from "bun:test";
import { readLines } from "../../server/drivers/virsh/domain-events.ts";

async function linesOf(...chunks: readonly Uint8Array[]): Promise<string[]> {
  const lines: string[] = [];
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
      controller.close();
    },
  });
  await readLines(stream, (line) => lines.push(line));
  return lines;
}

test("a line that never ends is kept up to its limit only", async () => {
  const flood = new Uint8Array(8 * 1024 * 1024).fill(120);
  const [long = "", ...others] = await linesOf(flood, Buffer.from("\nnext"));
  expect([long.length, others]).toEqual([16_000, ["next"]]);
});

test("lines and characters cut at any byte come out whole", async () => {
  const bytes = Buffer.from("é 1\n\nzwölf\nlast");
  for (let at = 0; at <= bytes.length; at += 1)
    expect(await linesOf(bytes.subarray(0, at), bytes.subarray(at))).toEqual(["é 1", "", "zwölf", "last"]);
});
