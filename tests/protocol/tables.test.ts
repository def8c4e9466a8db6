/** The tables hold together: names, paths, codes and the binary header. */
import { expect, test } from "bun:test";
import type { CommandSpec } from "#protocol";
import {
  closeCodes,
  commands,
  createFrameEncoder,
  decodeTerminalFrame,
  encodeTerminalFrame,
  errorCodes,
  terminalId,
  topics,
  vmName,
} from "#protocol";

const specs = Object.entries<CommandSpec>(commands);

test("names commands and topics noun.verb, administration by admin.noun.verb", () => {
  for (const name of [...Object.keys(commands), ...Object.keys(topics)])
    expect(name).toMatch(/^[a-z]+(\.[a-z]+){0,1}\.[a-z][a-zA-Z]*$/);
});

test("gives every command its own method, path and action", () => {
  const routes = specs.flatMap(([, { rest }]) =>
    rest ? [`${rest.method} ${rest.path} ${rest.action ?? ""}`] : [],
  );
  expect(new Set(routes).size).toBe(routes.length);
});

test("fills every placeholder of a path from an input field", () => {
  for (const [name, { rest, input }] of specs) {
    const fields = Object.keys(
      "shape" in input && typeof input.shape === "object" ? (input.shape ?? {}) : {},
    );
    const placeholders = [...(rest?.path ?? "").matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
    for (const placeholder of placeholders)
      expect([name, fields]).toEqual([name, expect.arrayContaining([placeholder])]);
  }
});

test("refuses unknown fields in every input", () => {
  for (const [name, { input }] of specs) {
    const issues = input.safeParse({ isAdmin: true }).error?.issues ?? [];
    expect([name, issues.some((issue) => issue.code === "unrecognized_keys")]).toEqual([name, true]);
  }
});

test("uses each close code once, and HTTP statuses of errors only", () => {
  const codes = Object.values(closeCodes).map((each) => each.code);
  expect(new Set(codes).size).toBe(codes.length);
  for (const { http } of Object.values(errorCodes)) expect(http).toBeGreaterThanOrEqual(400);
});

test("carries terminal bytes unchanged behind the header", () => {
  const payload = Uint8Array.from({ length: 256 }, (_item, index) => index);
  const id = terminalId.parse(0xffff_fffe);
  const bytes = encodeTerminalFrame({ kind: "restore", terminalId: id, payload });
  expect([...bytes.subarray(0, 8)]).toEqual([1, 2, 0, 0, 0xff, 0xff, 0xff, 0xfe]);
  expect(decodeTerminalFrame(bytes)).toEqual({ kind: "restore", terminalId: id, payload });
});

test("encodes frames of all sizes one after the other in the same memory", () => {
  const encode = createFrameEncoder();
  const id = terminalId.parse(3);
  for (const size of [10, 70_000, 0, 5]) {
    const frame = { kind: "output", terminalId: id, payload: new Uint8Array(size).fill(size % 251) } as const;
    expect([...encode(frame)]).toEqual([...encodeTerminalFrame(frame)]);
  }
});

test("takes no bytes for a terminal frame that are none", () => {
  for (const bytes of [
    [],
    [1, 0, 0, 0, 0, 0, 0],
    [2, 0, 0, 0, 0, 0, 0, 1],
    [1, 9, 0, 0, 0, 0, 0, 1],
    [1, 0, 0, 0, 0, 0, 0, 0],
  ]) {
    expect(decodeTerminalFrame(Uint8Array.from(bytes))).toBeNull();
  }
});

test.each([
  "",
  "a",
  "-a",
  "a-",
  "a..b",
  "A_b",
  "a b",
  "é",
  "../x",
  "a\n",
  "a#{1}",
  "'+",
  "$(id)",
  "a".repeat(33),
])("refuses the VM name %j", (name) => expect(vmName.safeParse(name).success).toBe(false));
