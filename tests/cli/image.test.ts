/** `twarga image` against a real server: what administrators do with images, and what users see of it. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { imageView, jobView } from "#protocol";
import { boxFile, goodDisk, member } from "../server/images/box-files.ts";
import { CliUser } from "../helpers/run-cli.ts";
import { ADMIN_PASSWORD, startServer, type TestServer } from "../helpers/start-server.ts";

const TIMEOUT_MS = 60_000;
const PASSWORD = "a password of the test";

let server: TestServer;
let admin: CliUser;
let ada: CliUser;

beforeAll(async () => {
  server = await startServer({ driver: "simulated" });
  admin = new CliUser(server.url);
  ada = new CliUser(server.url);
  expect((await admin.run(["login", "admin", "--password-stdin"], `${ADMIN_PASSWORD}\n`)).stderr).toBe("");
  expect((await ada.run(["register", "ada", "--password-stdin"], `${PASSWORD}\n`)).stderr).toBe("");
}, TIMEOUT_MS);

afterAll(async () => {
  admin?.dispose();
  ada?.dispose();
  await server?.dispose();
});

const list = z.object({ images: z.array(imageView) });
const done = z.object({ image: imageView, job: jobView });

async function idsOf(user: CliUser): Promise<string[]> {
  return list.parse(await user.json("image", "list")).images.map(({ id }) => id);
}

test(
  "an administrator builds and fetches, each by its own verb, and watches it",
  async () => {
    const built = await admin.run(["image", "build", "debian-12"]);
    expect([built.exitCode, built.stdout.includes("debian-12")]).toEqual([0, true]);
    expect(built.stderr).toMatch(/^== /m);
    const wrong = await admin.run(["image", "build", "alma-9"]);
    expect(wrong.exitCode).toBe(2);
    expect(wrong.stderr).toContain("twarga image fetch alma-9");
    const answer = done.parse(await admin.json("image", "fetch", "alma-9"));
    expect(answer.job).toMatchObject({ kind: "image.fetch", state: "succeeded", actorName: "admin" });
  },
  TIMEOUT_MS,
);

test(
  "a file becomes an image, and a bad one is refused in one line",
  async () => {
    const good = join(admin.home, "school.box");
    writeFileSync(good, await boxFile([...member.usual(), member.file("box.img", await goodDisk(2))]));
    const form = ["--id", "school", "--name", "Our school", "--user", "pupil", "--min-ram", "1024"];
    const answer = done.parse(await admin.json("image", "import", good, ...form));
    expect(answer.image).toMatchObject({
      ...{ id: "school", name: "Our school", source: "file", sshUser: "pupil", minRamMb: 1024 },
      ...{ state: "available", available: true },
    });

    const bad = join(admin.home, "bad.box");
    writeFileSync(bad, await boxFile([...member.usual(), member.link("box.img", "/etc/shadow")]));
    const refused = await admin.run(["image", "import", bad, "--id", "bad"]);
    expect(refused.exitCode).toBe(1);
    expect(refused.stderr).toContain("twarga: invalid_input: The file is not taken: it holds links");
    expect(await idsOf(admin)).not.toContain("bad");
    const absent = await admin.run(["image", "import", "/nowhere.box", "--id", "bad"]);
    expect([absent.exitCode, absent.stderr]).toEqual([2, "twarga: usage: There is no file /nowhere.box\n"]);
  },
  TIMEOUT_MS,
);

test(
  "what is hidden is for administrators, who may show it again or remove it",
  async () => {
    const added = await admin.run(["image", "add", "rocky-9", "generic/rocky9", "--family", "rhel"]);
    expect(added.stdout).toContain("Next: twarga image fetch rocky-9");
    expect(await idsOf(ada)).toContain("rocky-9");
    await admin.json("image", "hide", "rocky-9");
    expect(await idsOf(ada)).not.toContain("rocky-9");
    expect(await idsOf(admin)).toContain("rocky-9");
    await admin.json("image", "edit", "rocky-9", "--min-ram", "2048");
    await admin.json("image", "unhide", "rocky-9");
    const seen = list.parse(await ada.json("image", "list")).images.find(({ id }) => id === "rocky-9");
    expect(seen).toMatchObject({ minRamMb: 2048, hidden: false });
    expect((await admin.run(["image", "remove", "rocky-9"])).exitCode).toBe(2);
    await admin.json("image", "remove", "rocky-9", "--yes");
    expect(await idsOf(admin)).not.toContain("rocky-9");
  },
  TIMEOUT_MS,
);

test(
  "a user does none of it",
  async () => {
    const refused = await ada.run(["image", "build", "debian-12"]);
    expect([refused.exitCode, refused.stderr]).toEqual([
      1,
      "twarga: forbidden: Only an administrator may do this\n",
    ]);
    const file = join(ada.home, "x.box");
    writeFileSync(file, "x");
    expect((await ada.run(["image", "import", file, "--id", "x"])).stderr).toContain("forbidden");
  },
  TIMEOUT_MS,
);
