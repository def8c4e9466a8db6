/** SSH keys: what is a key, whose it is, and which machines it opens. */
import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { Session } from "../../../server/core/caller.ts";
import { AppError } from "../../../server/core/errors.ts";
import { parseKey } from "../../../server/features/vms/ssh-keys/key-blob.ts";
import { failing } from "./faulty-driver.ts";
import { lab, launch, openCloud, refusal, type TestCloud } from "./test-cloud.ts";

// A busy machine lets these wait; what they check is no matter of time.
setDefaultTimeout(60_000);

/** Made by ssh-keygen, with the fingerprints it prints. */
const keys = {
  ed25519: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAHMpepQgpBYm1ILeuBIL5Ct4IC31yEiomQ0BzbIJ2CG ada@home",
  ecdsa:
    "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBIiQF4GCx6sw5fpkV4ygyCWx0JhO3jPvsDmSuTmYfP66xfn2Jni4fdnsY1stYkXop2yzZ3fmCaX6/iRCDIaKT18= ada@home",
  rsa: "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQCkOPX+6RPJSAgWrBZtrEmeCXEc2LUCm5v8PidemZsv4riUnxCRcnXor61UeyDcOMEYE5TGBnHJWEFc6JsD1ho4G5D+sjDokvIQ/hjHoW/sbFirxudzrMVKJa3NwqVjHp6aAlHropixP8oliAn8wdo2BbKddRJq6PccVnjU9pQAfnbgL2/0oBypI4lVn2vuXT5ls0SOvoBpCLaIwvQz2wX/ucwFrslF/pjGSOssn3tvkoKGQjR7/JsTpZzSABz5is/7UagokGupB16DabgZ/9uDtLXkR0q8+iPLB8e6j6iecI3pNKNT+FQ9boJgliQc/xQMWqIm0Ps7++0A/mPi3qAV",
};
const shortRsa =
  "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQC9Xp7Bx5hIGtFjXjB6xOQqRJn7VCOLFgJdMI3S9b7ZULvwhQEymTGHY/WFyI3r6fHu2aIrbIGF8enQq9xIT7cxTArABIgxNcWbOru3PIK5uefoU79M6BlXpx5075a2+/+ffyTnHUdg0mcTQmbKqUjSUiyNa7MeFtlFq1bycQGSjw==";

describe("a public key", () => {
  test.each([
    ["ed25519", "SHA256:poDufpLd4XvjBNAh7jD3SWsXQzl8sa8mHPyEi134lFI"],
    ["ecdsa", "SHA256:N85wEDbi+us5j3R4js5/KOo44vw/1e+GBI+m6nWN8PA"],
    ["rsa", "SHA256:OafV1A5xrE+CecteWE+EvuGaPgL7nE22ssGnOJ5h7sg"],
  ] as const)("of type %s has the fingerprint that ssh-keygen prints", (name, fingerprint) => {
    expect(parseKey(keys[name]).fingerprint).toBe(fingerprint);
  });

  test("is refused when it is cut, of another type than it says, or too weak", () => {
    const [type = "", blob = ""] = keys.ed25519.split(" ");
    for (const broken of [
      `${type} ${blob.slice(0, -8)}`,
      `${type} ${blob}AAAA`,
      `ssh-rsa ${blob}`,
      `${type} ${"A".repeat(68)}`,
      shortRsa,
    ])
      expect(() => parseKey(broken)).toThrow(/^publicKey must be/);
  });
});

describe("keys of a user", () => {
  let cloud: TestCloud;
  let ada: Session;
  beforeEach(() => {
    cloud = openCloud();
    ada = cloud.user("ada");
  });
  afterEach(() => cloud.close());

  const add = (publicKey: string, name = "laptop") => cloud.call(ada, "sshkey.add", { name, publicKey });
  const inside = (name = "web01") => cloud.driver.keys.get(name) ?? [];

  test("go into a new VM, into running ones at once, and into others with their next start", async () => {
    await add(keys.ed25519);
    const { id: running } = await launch(cloud, ada, "running");
    const { id: off } = await launch(cloud, ada, "off");
    await cloud.jobEnd(ada, (await cloud.call(ada, "vm.stop", { vmId: off })).jobId);
    expect(inside("running")).toEqual([keys.ed25519]);

    const { key } = await add(keys.rsa, "desktop");
    await cloud.until("the running VM to have both", () => inside("running").length === 2);
    expect(inside("off")).toHaveLength(1);
    await cloud.jobEnd(ada, (await cloud.call(ada, "vm.start", { vmId: off })).jobId);
    expect(inside("off")).toEqual([keys.ed25519, keys.rsa]);

    await cloud.call(ada, "sshkey.remove", { sshKeyId: key.id });
    await cloud.until("it to be gone", () => inside("running").length === 1 && inside("off").length === 1);
    expect(await cloud.vm(ada, running)).toMatchObject({ state: "running", error: null });
  });

  test("that arrive while a VM is made are in it when it runs", async () => {
    const { jobId } = await cloud.call(ada, "vm.create", { ...lab, name: "web01" });
    await add(keys.ed25519);
    await cloud.jobEnd(ada, jobId);
    await cloud.until("the key", () => inside().length === 1);
  });

  test("that cannot be put in do not keep a VM from starting", async () => {
    const { id: vmId } = await launch(cloud, ada);
    await cloud.jobEnd(ada, (await cloud.call(ada, "vm.stop", { vmId })).jobId);
    cloud.driver.before.set("setSshKeys", failing(new AppError("driver_failed", "No shell answers")));
    const { jobId } = await cloud.call(ada, "vm.start", { vmId });
    expect(await cloud.jobEnd(ada, jobId)).toMatchObject({ state: "succeeded" });
    const { lines } = await cloud.call(ada, "job.get", { jobId });
    expect(lines.map(({ text }) => text)).toContain(
      "Your SSH keys could not be put into it: No shell answers",
    );
  });

  test("are nobody else's, and are there once", async () => {
    const { key } = await add(keys.ed25519);
    expect(await refusal(add(`${keys.ed25519.split(" ").slice(0, 2).join(" ")} other`))).toMatchObject({
      code: "conflict",
      field: "publicKey",
    });
    const eve = cloud.user("eve");
    expect((await cloud.call(eve, "sshkey.list", {})).keys).toEqual([]);
    expect(await refusal(cloud.call(eve, "sshkey.remove", { sshKeyId: key.id }))).toEqual(
      await refusal(cloud.call(eve, "sshkey.remove", { sshKeyId: 4_711 })),
    );
    expect((await cloud.call(ada, "sshkey.list", {})).keys).toEqual([key]);
  });
});
