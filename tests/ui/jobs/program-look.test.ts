/** A program that a job ran: when, how long, and how it ended. */
import { describe, expect, test } from "bun:test";
import type { JobProgram } from "#protocol";
import { programLook, programsText } from "../../../ui/features/jobs/program-look.ts";

const program = (over: Partial<JobProgram> = {}): JobProgram => ({
  n: 1,
  commandLine: "vagrant up",
  startedAtMs: 1_000,
  endedAtMs: 2_500,
  exitCode: 0,
  ...over,
});

describe("a program", () => {
  test.each([
    [{}, "exit 0", "success", "1.5 s"],
    [{ exitCode: 3 }, "exit 3", "danger", "1.5 s"],
    [{ exitCode: null }, "killed", "danger", "1.5 s"],
    [{ endedAtMs: 76_000 }, "exit 0", "success", "1 min 15 s"],
  ] as const)("that ended: %p", (over, exit, tone, took) => {
    expect(programLook(program(over), 9_000, true)).toMatchObject({ exit, tone, took });
  });

  test("without an end runs while its job does", () => {
    const open = program({ endedAtMs: null, exitCode: null });
    expect(programLook(open, 4_000, true)).toMatchObject({ exit: "running", took: "3.0 s" });
    expect(programLook(open, 4_000, false)).toMatchObject({ exit: "no end seen", took: "–" });
  });
});

test("the copied text is a script with remarks", () => {
  const lines = programsText([program(), program({ n: 2, commandLine: "virsh list" })]).split("\n");
  expect(lines.filter((line) => !line.startsWith("#") && line !== "")).toEqual(["vagrant up", "virsh list"]);
});
