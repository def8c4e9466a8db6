/** PROTOCOL.md says what the schemas say, and its examples are real frames. */
import { expect, test } from "bun:test";
import { clientFrame, commands, isCommandName, isTopicName, serverFrame, topics } from "#protocol";
import { renewed } from "../../server/protocol/generate-docs.ts";

const text = await Bun.file(new URL("../../server/protocol/PROTOCOL.md", import.meta.url)).text();

function examples(direction: "client" | "server"): string[] {
  return [...text.matchAll(new RegExp(`\`\`\`json ${direction}\\n(.*?)\`\`\``, "gs"))].map(
    (match) => match[1] ?? "",
  );
}

test("is up to date with the schemas", () => {
  expect(renewed(text) === text).toBe(true);
});

test("shows every kind of frame that a client sends, each valid", () => {
  const frames = examples("client").map((example) => clientFrame.parse(JSON.parse(example)));
  const shown = new Set(frames.map((frame) => frame.t));
  expect(clientFrame.options.map((option) => option.shape.t.value).filter((t) => !shown.has(t))).toEqual([]);
  for (const frame of frames) {
    if (frame.t !== "command") continue;
    if (!isCommandName(frame.name)) throw new Error(`No command ${frame.name}`);
    expect(commands[frame.name].input.safeParse(frame.input).success).toBe(true);
  }
});

test("shows every kind of frame that the server sends, each valid", () => {
  const frames = examples("server").map((example) => serverFrame.parse(JSON.parse(example)));
  const shown = new Set(frames.map((frame) => frame.t));
  expect(serverFrame.options.map((option) => option.shape.t.value).filter((t) => !shown.has(t))).toEqual([]);
  for (const frame of frames) {
    if (frame.t !== "event" && frame.t !== "snapshot") continue;
    if (!isTopicName(frame.topic)) throw new Error(`No topic ${frame.topic}`);
    expect(topics[frame.topic][frame.t].safeParse(frame.data).success).toBe(true);
  }
});
