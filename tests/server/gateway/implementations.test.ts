/** The server refuses to start with a table it does not fulfil. */
import { expect, test } from "bun:test";
import type { BoundCommand } from "../../../server/core/command.ts";
import { collectImplementations } from "../../../server/gateway/implementations.ts";

const list: BoundCommand = { name: "vm.list", run: () => ({}) };

test("names every missing command and topic", () => {
  const collect = () => collectImplementations([list], [], false);
  expect(collect).toThrow("command vm.create has no implementation");
  expect(collect).toThrow("topic vm.state has no implementation");
  expect(collect).not.toThrow("command vm.list");
});

test("allows gaps when asked, but never two of one name", () => {
  expect(collectImplementations([list], [], true).commands.get("vm.list")).toBe(list);
  expect(() => collectImplementations([list, list], [], true)).toThrow("more than one implementation");
});
