/** The image store of the Vagrant driver, with the real Vagrant where it is installed: what is there, how it comes and goes. */
import { afterAll, beforeEach, describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../server/core/clock.ts";
import { AppError } from "../../server/core/errors.ts";
import { downloadShare, registryFailure } from "../../server/drivers/vagrant/images/add-box.ts";
import { findBox } from "../../server/drivers/vagrant/images/box-folder.ts";
import { createBoxStore } from "../../server/drivers/vagrant/images/index.ts";
import { recipeOf } from "../../server/drivers/vagrant/images/recipes.ts";
import { createVirsh } from "../../server/drivers/virsh/virsh.ts";
import { boxFile, disk, goodDisk, member } from "../server/images/box-files.ts";

const VAGRANT_MS = 60_000;
const withVagrant = test.skipIf(Bun.which("vagrant") === null);

const dir = mkdtempSync(join(tmpdir(), "twarga-store-"));
// Nothing is fetched by a test, not even where the internet can be reached.
process.env["http_proxy"] = process.env["https_proxy"] = "http://127.0.0.1:9";
afterAll(() => rmSync(dir, { recursive: true }));

let vmsDir = "";
let said: string[] = [];
beforeEach(() => {
  vmsDir = mkdtempSync(join(dir, "vms-"));
  mkdirSync(join(vmsDir, ".vagrant.d"));
  said = [];
});

const uri = "qemu:///system";
const store = () =>
  createBoxStore({
    vmsDir,
    labBoxDir: join(vmsDir, "lab"),
    place: { vagrantHome: join(vmsDir, ".vagrant.d"), uri, clock: systemClock },
    virsh: createVirsh(uri),
  });
const run = () => ({
  signal: AbortSignal.timeout(VAGRANT_MS),
  output: (_stream: string, text: string) => void said.push(text),
  step: (text: string) => void said.push(text),
  program: (argv: readonly string[]) => {
    said.push(argv.join(" "));
    return () => {};
  },
});

const debian = { id: "debian-12", box: "twarga-debian-12", sshUser: "vagrant" };
const alma = { id: "alma-9", box: "generic/alma9", sshUser: "vagrant" };
const school = { id: "school", box: "twarga-file-0123456789abcdef", sshUser: "pupil" };

function putBox(name: string, version: string, below = "libvirt"): void {
  const folder = join(vmsDir, ".vagrant.d/boxes", name, version, below);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "metadata.json"), "{}");
}

async function refusal(work: Promise<unknown>): Promise<AppError> {
  const thrown: unknown = await work.then(
    () => null,
    (error: unknown) => error,
  );
  if (thrown instanceof AppError) return thrown;
  throw new Error(`Not refused: ${String(thrown)}`);
}

describe("images", () => {
  test("that are not there name what helps, each its own way", async () => {
    expect(await store().images([debian, alma, school])).toEqual([
      {
        id: "debian-12",
        available: false,
        sizeBytes: null,
        hint: "Build it with `twarga image build debian-12`.",
      },
      {
        ...{ id: "alma-9", available: false, sizeBytes: null },
        hint: "Needs the internet: fetch it with `twarga image fetch alma-9`.",
      },
      { id: "school", available: false, sizeBytes: null, hint: "Its box is gone; import it again." },
    ]);
  });

  test("that were built count once the build is whole", async () => {
    const out = join(vmsDir, ".images/debian-12");
    mkdirSync(out, { recursive: true });
    writeFileSync(join(out, "debian-12.box"), Buffer.alloc(5000));
    expect((await store().images([debian]))[0]?.available).toBe(false);
    writeFileSync(join(out, "version"), "0123456789ab\n");
    expect((await store().images([debian]))[0]).toEqual({
      ...{ id: "debian-12", available: true, sizeBytes: 5000, hint: null },
    });
  });

  test("that Vagrant has are found in the layouts of its versions, the newest first", async () => {
    putBox("generic-VAGRANTSLASH-alma9", "4.3.10");
    putBox("generic-VAGRANTSLASH-alma9", "4.3.9");
    const home = join(vmsDir, ".vagrant.d");
    expect(await findBox(home, "generic/alma9")).toMatchObject({ version: "4.3.10" });
    putBox("generic-VAGRANTSLASH-alma9", "4.4.0", "amd64/libvirt");
    expect(await findBox(home, "generic/alma9")).toMatchObject({ version: "4.4.0" });
    putBox("debian-VAGRANTSLASH-bookworm64", "12.1", "virtualbox");
    expect(await findBox(home, "debian/bookworm64")).toBeNull();
  });
});

describe("a build", () => {
  test("has a recipe of the id, and no id leads out of their folder", () => {
    const dirs = { vmsDir, labBoxDir: "lab" };
    expect(recipeOf("debian-12", dirs)?.outDir).toBe(join(vmsDir, ".images/debian-12"));
    for (const id of ["../lab-box", "..", "debian-12/../lab", "", "a b"])
      expect(recipeOf(id, dirs)).toBeNull();
  });

  test("of an image without a recipe is not supported", async () => {
    expect((await refusal(store().addImage(alma, { kind: "build" }, run()))).code).toBe("unsupported");
  });
});

describe("a registry", () => {
  withVagrant(
    "that cannot be reached is named as the reason, with what can be done instead",
    async () => {
      const failure = await refusal(store().addImage(alma, { kind: "registry" }, run()));
      expect(failure.message).toBe(
        "The registry cannot be reached from this host. Fetching generic/alma9 needs the internet; a .box file can be imported instead.",
      );
      expect(failure.detail).toContain("vagrant box add");
      expect((await store().images([alma]))[0]?.available).toBe(false);
    },
    VAGRANT_MS,
  );

  test("without the box, or without one for libvirt, is told apart from that", () => {
    const said404 = new AppError("driver_failed", "", {
      detail: "The box could not be found\nError: 404 Not Found",
    });
    expect(registryFailure("me/x", said404).message).toContain("The registry has no box me/x");
    const wrong = new AppError("driver_failed", "", { detail: "Vagrant::Errors::BoxAddNoMatchingProvider" });
    expect(registryFailure("me/x", wrong).message).toBe("The registry has no box me/x for libvirt");
    const other = new AppError("driver_failed", "The host's disk is full.", { detail: "ENOSPC" });
    expect(registryFailure("me/x", other)).toBe(other);
  });

  test("whose box is there already is not asked", async () => {
    putBox("generic-VAGRANTSLASH-alma9", "4.3.9");
    await store().addImage(alma, { kind: "registry" }, run());
    expect(said).toEqual([]);
  });

  test("tells its progress", () => {
    expect(downloadShare("Progress: 42% (Rate: 12M/s, Estimated time remaining: 0:00:21)")).toBe(0.42);
    expect(downloadShare("==> box: Loading metadata")).toBeNull();
  });
});

describe("a file", () => {
  withVagrant(
    "becomes a box under a version of ours, and goes again without a trace",
    async () => {
      const path = join(vmsDir, "school.box");
      writeFileSync(path, await boxFile([...member.usual(), member.file("box.img", await goodDisk(2))]));
      await store().addImage(school, { kind: "file", path }, run());
      expect(await findBox(join(vmsDir, ".vagrant.d"), school.box)).toMatchObject({ version: "1.0.0" });
      const [image] = await store().images([school]);
      expect(image).toMatchObject({ available: true, hint: null });
      expect(image?.sizeBytes).toBeGreaterThan(1000);

      await store().removeImage(school, run());
      expect(readdirSync(join(vmsDir, ".vagrant.d/boxes"))).toEqual([]);
      expect((await store().images([school]))[0]?.available).toBe(false);
      await store().removeImage(school, run());
    },
    VAGRANT_MS,
  );

  withVagrant(
    "whose disk would make QEMU open a file of the host is no box, whoever has looked at it before",
    async () => {
      const backed = await disk(["-f", "qcow2", "-u", "-b", "/etc/shadow", "-F", "raw", "1G"]);
      const path = join(vmsDir, "bad.box");
      writeFileSync(path, await boxFile([...member.usual(), member.file("box.img", backed)]));
      const failure = await refusal(store().addImage(school, { kind: "file", path }, run()));
      expect(failure).toMatchObject({ code: "invalid_input", field: "uploadId" });
      expect(existsSync(join(vmsDir, ".vagrant.d/boxes", school.box))).toBe(false);
    },
    VAGRANT_MS,
  );
});
