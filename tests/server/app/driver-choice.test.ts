/** Which driver a setting and a machine give. */
import { expect, test } from "bun:test";
import { banner } from "../../../server/banner.ts";
import { chooseDriver } from "../../../server/driver-choice.ts";

const working = async () => ({ usable: true, reason: "Vagrant 2.3.4 and libvirt answer." });
const absent = async () => ({ usable: false, reason: "vagrant is not installed. Run `npm run setup:vm`." });

const never = () => Promise.reject(new Error("probed"));

test("auto takes Vagrant where it works and says why", async () => {
  expect(await chooseDriver("auto", { vagrant: working, container: never })).toMatchObject({
    ok: true,
    driver: "vagrant",
    reason: "Vagrant 2.3.4 and libvirt answer.",
  });
});

test("auto falls back to simulated machines with the reason and the next command", async () => {
  expect(await chooseDriver("auto", { vagrant: absent, container: never })).toEqual({
    ok: true,
    driver: "simulated",
    reason: "vagrant is not installed. Run `npm run setup:vm`.",
  });
});

test("asking for Vagrant where it does not work refuses in one line that names the variable", async () => {
  const choice = await chooseDriver("vagrant", { vagrant: absent, container: never });
  if (choice.ok) throw new Error("It was accepted");
  expect(choice.problem).toStartWith("TWARGA_DRIVER must be ");
  expect(choice.problem).toContain("vagrant is not installed");
  expect(choice.problem).not.toContain("\n");
});

test("asking for simulated machines does not probe", async () => {
  expect(await chooseDriver("simulated", { vagrant: never, container: never })).toMatchObject({
    ok: true,
    driver: "simulated",
  });
});

test("containers are taken when they are asked for, and refused in one line where they do not work", async () => {
  const ready = async () => ({ usable: true, reason: "Podman is ready on this host." });
  const missing = async () => ({ usable: false, reason: "Podman is not installed." });
  expect(await chooseDriver("container", { vagrant: never, container: ready })).toMatchObject({
    ok: true,
    driver: "container",
  });
  expect(await chooseDriver("container", { vagrant: never, container: missing })).toEqual({
    ok: false,
    problem: "TWARGA_DRIVER must be auto or simulated until containers work here. Podman is not installed.",
  });
});

test("the banner shows an address that can be opened, the driver with its reason, and the set-up link", () => {
  const text = banner({
    version: "1.2.3",
    host: "0.0.0.0",
    port: 8000,
    home: "/srv/twarga",
    driver: { name: "simulated", label: "Simulated: no real machines", simulated: true, reason: "Because." },
    admin: { kind: "unclaimed", setupToken: "TOKEN" },
  });
  for (const part of [
    "1.2.3",
    "http://localhost:8000",
    "Simulated",
    "Because.",
    "/setup?token=TOKEN",
    "/srv/twarga",
  ])
    expect(text).toContain(part);
});
