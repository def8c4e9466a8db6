/** Files somebody might upload in place of a box. Each is refused with a reason, and none is unpacked outside its folder. */
import { afterAll, describe, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AppError } from "../../../server/core/errors.ts";
import { repackBox } from "../../../server/features/images/box/repack-box.ts";
import { judgeQcow2 } from "../../../server/features/images/box/qcow2-header.ts";
import { boxFile, disk, goodDisk, type Member, member, tarFile } from "./box-files.ts";

const dir = mkdtempSync(join(tmpdir(), "twarga-boxes-"));
afterAll(() => rmSync(dir, { recursive: true }));

const good = await goodDisk(2);
const quiet = {
  output() {},
  step() {},
  program: () => () => {},
};

async function repack(bytes: Uint8Array, signal = AbortSignal.timeout(20_000)): Promise<string> {
  const path = join(dir, "upload.box");
  writeFileSync(path, bytes);
  const run = { ...quiet, signal, forCleanup: () => run };
  return repackBox({ path, workDir: join(dir, "work"), maxDiskGb: 10, run });
}

async function reason(bytes: Uint8Array): Promise<string> {
  const thrown: unknown = await repack(bytes).then(
    () => null,
    (error: unknown) => error,
  );
  if (!(thrown instanceof AppError) || thrown.field !== "uploadId")
    throw new Error(`Not refused: ${String(thrown)}`);
  return thrown.message.replace("The file is not taken: ", "");
}

const withDisk = (...more: Member[]) => boxFile([...member.usual(), ...more, member.file("box.img", good)]);

describe("a box is taken", () => {
  test("packed plain or by gzip, with or without ./ in front of its names", async () => {
    expect(await repack(await withDisk())).toEndWith("checked.box");
    expect(await repack(await tarFile([...member.usual(), member.file("box.img", good)]))).toEndWith(".box");
    const dotted = [member.of({ name: "./", type: "directory" }), member.file("./box.img", good)];
    expect(
      await repack(await boxFile([...dotted, member.file("./metadata.json", '{"provider":"libvirt"}')])),
    ).toEndWith(".box");
  });
});

describe("a box is refused", () => {
  const extra = "it holds more than metadata.json, Vagrantfile, info.json and box.img";
  const links = "it holds links, folders or devices";

  test.each([
    "../../x",
    "/etc/cron.d/x",
    "a/../../x",
    "box.img/../x",
    ".ssh/authorized_keys",
    "BOX.IMG",
    "metadata.json ",
  ])("with a member named %p", async (name) => {
    expect(await reason(await withDisk(member.file(name, "x")))).toBe(extra);
    expect(existsSync(join(dir, "..", "x"))).toBe(false);
  });

  test.each([
    member.link("box.img", "/etc/shadow"),
    member.link("info.json", "/etc/shadow", "link"),
    member.of({ name: "box.img", type: "fifo" }),
    member.of({ name: "box.img", type: "character-device", devmajor: 1, devminor: 5 }),
    member.of({ name: "sub/", type: "directory" }),
  ])("with a member that is no plain file: %#", async (bad) => {
    expect(await reason(await boxFile([...member.usual(), bad]))).toBe(links);
  });

  test("without a disk, without a description, or with two of either", async () => {
    expect(await reason(await boxFile(member.usual()))).toBe("it has no metadata.json or no box.img");
    expect(await reason(await boxFile([member.file("box.img", good)]))).toBe(
      "it has no metadata.json or no box.img",
    );
    expect(await reason(await withDisk(member.file("box_2.img", good)))).toBe(
      "it holds more than one disk or description",
    );
    expect(await reason(await withDisk(member.metadata()))).toBe(
      "it holds more than one disk or description",
    );
  });

  test("of another provider or format, or with a description that is none", async () => {
    const words = "its metadata.json does not say: libvirt, one qcow2 disk";
    const files = [
      member.metadata({ provider: "virtualbox" }),
      member.metadata({ provider: "libvirt", format: "raw" }),
      member.metadata({ provider: "libvirt", disks: [{ path: "/etc/shadow" }, { path: "box.img" }] }),
      member.file("metadata.json", "{"),
    ];
    for (const file of files)
      expect(await reason(await boxFile([file, member.file("box.img", good)]))).toBe(words);
  });

  test("whose texts are too long, or whose members are too many", async () => {
    expect(await reason(await withDisk(member.file("info.json", Buffer.alloc(70_000))))).toBe(
      "info.json is over 64 KiB",
    );
    const many = Array.from({ length: 20 }, () => member.file("info.json", "{}"));
    expect(await reason(await withDisk(...many))).toBe("it holds too many files");
  });

  test("that is no archive, or only the beginning of one", async () => {
    const whole = await withDisk();
    const noArchive = "it is no whole .box archive";
    expect(await reason(new TextEncoder().encode("#!/bin/sh\necho hello\n"))).toBe(noArchive);
    expect(await reason(crypto.getRandomValues(new Uint8Array(4096)))).toBe(noArchive);
    expect(await reason(whole.subarray(0, whole.length / 2))).toBe(noArchive);
    expect(await reason(new Uint8Array())).toBe("it has no metadata.json or no box.img");
  });

  test("that unpacks to far more than it holds, before it has filled the disk", async () => {
    const bomb = await boxFile([...member.usual(), member.file("box.img", Buffer.alloc(80 * 1024 ** 2))]);
    expect(bomb.length).toBeLessThan(1024 ** 2);
    expect(await reason(bomb)).toBe("it unpacks to more than such a file can hold");
  });

  test("whose header promises 10 GB that are not there", async () => {
    const tar = await tarFile([...member.usual()]);
    const header = (await tarFile([member.file("box.img", good)])).subarray(0, 512);
    header.write("0120000000000 ".slice(0, 12), 124);
    header.fill(" ", 148, 156);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
    const liar = Buffer.concat([tar.subarray(0, -1024), header, good]);
    expect(await reason(liar)).toBe("it is no whole .box archive");
  });

  test("is left alone when the job is cancelled", async () => {
    expect(
      repack(await withDisk(), AbortSignal.abort(new AppError("cancelled", "Cancelled by root"))),
    ).rejects.toThrow("Cancelled by root");
  });

  test("leaves no file outside its folder", () => {
    expect(readdirSync(dir).toSorted()).toEqual(["upload.box", "work"]);
  });
});

describe("a disk is refused", () => {
  const inBox = async (bytes: Uint8Array) =>
    reason(await boxFile([...member.usual(), member.file("box.img", bytes)]));
  const patched = (offset: number, value: number) => {
    const copy = Buffer.from(good);
    copy.writeUInt8(value, offset);
    return copy;
  };

  test("that lies on a file of the host", async () => {
    const backed = await disk(["-f", "qcow2", "-u", "-b", "/etc/shadow", "-F", "raw", "1G"]);
    expect(await inBox(backed)).toBe("its disk lies on another file (a backing file)");
  });

  test("that keeps its data in a file of the host", async () => {
    const split = await disk(["-f", "qcow2", "-o", "data_file=data.raw", "1G"]);
    expect(await inBox(split)).toBe("its disk keeps its data in another file");
  });

  test("that is raw, encrypted, damaged, empty or from the future", async () => {
    expect(await inBox(Buffer.alloc(4096))).toBe("its disk is no qcow2 image");
    expect(await inBox(patched(35, 1))).toBe("its disk is encrypted");
    expect(await inBox(patched(79, 2))).toBe("its disk is marked as damaged or in use");
    expect(await inBox(patched(72, 0x80))).toBe("its disk has features that are not known here");
    expect(judgeQcow2(await disk(["-f", "qcow2", "0"]))).toEqual({ ok: false, reason: "its disk is empty" });
  });

  test("that is larger than the VMs it is for", async () => {
    expect(await inBox(await goodDisk(11))).toBe(
      "its disk has 11 GB, so minDiskGb must be at least that and at most 50",
    );
  });
});
