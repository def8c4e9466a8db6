/** What the Vagrant driver reads and decides without a hypervisor: output, counters, names, failures. */
import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { userId, vmId } from "#protocol";
import { assert, property, string } from "fast-check";
import { AppError } from "../../server/core/errors.ts";
import {
  addPrinted,
  failureText,
  nothingPrinted,
  withoutBacktrace,
} from "../../server/drivers/vagrant/failure-text.ts";
import { milestoneOf, parseVagrantLine } from "../../server/drivers/vagrant/machine-output.ts";
import {
  checkRef,
  domainName,
  domainTitle,
  folderOf,
  parseDomainName,
  parseDomainTitle,
} from "../../server/drivers/vagrant/names.ts";
import { summarize } from "../../server/drivers/vagrant/probe.ts";
import { sshArgv } from "../../server/drivers/vagrant/ssh.ts";
import { uptimeOf } from "../../server/drivers/vagrant/uptime.ts";
import { parseDomainEvent } from "../../server/drivers/virsh/domain-events.ts";
import { stateOf } from "../../server/drivers/virsh/domain-state.ts";
import { parseDomstats } from "../../server/drivers/virsh/domstats.ts";
import { explainFailure } from "../../server/drivers/virsh/explain-failure.ts";

const fixture = (name: string) => Bun.file(join(import.meta.dir, name)).text();
const ref = (name: string) => ({ vmId: vmId.parse(3), ownerId: userId.parse(1), name });

describe("Vagrant's machine-readable output", () => {
  test("is read to its end: texts without prefixes, and the failure with its class", async () => {
    const lines = (await fixture("vagrant-up.fixtures")).trimEnd().split("\n").map(parseVagrantLine);
    const texts = lines.filter((line) => line.kind === "text");
    expect(texts.some(({ text }) => text.includes("==>"))).toBe(false);
    expect(texts.some(({ text }) => text.includes("VAGRANT_COMMA"))).toBe(false);
    expect(texts.find(({ text }) => text.includes("Image(vda)"))?.text).toContain(".img, virtio, 10G");
    expect(texts.at(-1)?.stream).toBe("error");
    expect(lines.at(-1)).toEqual({
      kind: "failure",
      errorClass: "VagrantPlugins::ProviderLibvirt::Errors::DomainVolumeExists",
      message: "Volume for domain is already created. Please run 'vagrant destroy' first.",
    });
  });

  test("gives steps that only go forward", async () => {
    const shares = (await fixture("vagrant-up.fixtures"))
      .split("\n")
      .map(parseVagrantLine)
      .flatMap((line) => (line.kind === "text" ? (milestoneOf(line.text)?.progress ?? []) : []));
    expect(shares.length).toBeGreaterThan(5);
    expect(shares).toEqual(shares.toSorted((a, b) => a - b));
  });

  test("keeps the lines of one message apart", () => {
    expect(parseVagrantLine("1,web01,ui,info,==> web01: one\\n==> web01: two")).toEqual({
      kind: "text",
      stream: "info",
      text: "one\ntwo",
    });
  });

  test("takes a warning of Ruby between the lines as text, and nothing makes it throw", () => {
    expect(parseVagrantLine("warning: parser/current is loading")).toMatchObject({ kind: "text" });
    assert(property(string(), (line) => void parseVagrantLine(line)));
  });
});

describe("libvirt's counters", () => {
  test("are summed over disks and networks, in bytes", async () => {
    const [web01] = parseDomstats(await fixture("domstats.fixtures"));
    expect(web01).toEqual({
      domain: "tw1a2b3c-user1-web01",
      isComplete: true,
      state: 1,
      reason: 1,
      cpuTimeNs: 6_322_861_000,
      cpuCores: 2,
      memoryTotalBytes: 512 * 1024 ** 2,
      memoryUsedBytes: (481_276 - 443_040) * 1024,
      diskTotalBytes: 10 * 1024 ** 3,
      diskUsedBytes: 17_170_432,
      diskReadBytes: 1_329_664,
      diskWriteBytes: 14_864_384,
      networkRxBytes: 12_810,
      networkTxBytes: 13_365,
    });
  });

  test("fall back to the memory of the process before the guest reports, never above the total", async () => {
    const booting = parseDomstats(await fixture("domstats.fixtures"))[1];
    expect(booting?.memoryUsedBytes).toBe(262_144 * 1024);
    expect(booting?.memoryTotalBytes).toBe(262_144 * 1024);
    // QEMU was busy: what it alone knows is missing, and zeros must not be taken for facts.
    expect(booting?.isComplete).toBe(false);
  });

  test("know a machine that starts from a paused one, and a crash from an orderly end", async () => {
    const states = parseDomstats(await fixture("domstats.fixtures")).map((vm) =>
      stateOf(vm.state, vm.reason),
    );
    expect(states).toEqual(["running", "running", "crashed"]);
    expect(stateOf(3, 1)).toBe("paused");
    expect(stateOf(5, 1)).toBe("stopped");
  });
});

test("an event of libvirt is read with the name of its domain", () => {
  expect(parseDomainEvent("event 'lifecycle' for domain 'tw1a2b3c-user1-web01': Stopped Shutdown")).toEqual({
    domain: "tw1a2b3c-user1-web01",
    what: "Stopped Shutdown",
  });
  expect(parseDomainEvent("events received: 0")).toBeNull();
});

test("uptime is counted from the start of the process, whatever its name", () => {
  const fields = Array.from({ length: 30 }, (_, index) => (index === 19 ? "150000" : "0"));
  expect(uptimeOf(`42 (qemu (x) y) ${fields.join(" ")}`, "1600.50 99.00")).toBeCloseTo(100.5);
});

describe("names on the host", () => {
  test("carry the installation, the owner and the name, and can be read back", () => {
    const domain = domainName("1a2b3c", ref("web01"));
    expect(domain).toBe("tw1a2b3c-user1-web01");
    expect(parseDomainName("1a2b3c", domain)).toEqual({ ownerId: ref("web01").ownerId, name: "web01" });
    expect(parseDomainTitle("1a2b3c", domainTitle("1a2b3c", ref("web01")))).toBe(3);
  });

  test("of other installations and foreign machines are not ours", () => {
    for (const domain of [
      "tw999999-user1-web01",
      "web01",
      "tw1a2b3c-user1-",
      "tw1a2b3c-user0-web01",
      "tw1a2b3c",
    ])
      expect(parseDomainName("1a2b3c", domain)).toBeNull();
    expect(parseDomainTitle("1a2b3c", "Twarga 999999 VM 3")).toBeNull();
    expect(parseDomainTitle("1a2b3c", "")).toBeNull();
  });

  test("that mean something to Ruby, a shell or a path are refused", () => {
    const hostile = [
      "a#{`id`}",
      "../x",
      '";system("id");"',
      "a b",
      "a\nb",
      "-a",
      "a..b",
      "",
      "é",
      "a'+",
      "$(id)",
    ];
    for (const name of hostile) {
      expect(() => checkRef(ref(name))).toThrow(AppError);
      expect(() => folderOf("/srv/vms", ref(name))).toThrow(AppError);
    }
    assert(
      property(string(), (name) => {
        if (/^[a-z][a-z0-9-]{0,30}[a-z0-9]$/.test(name)) return;
        expect(() => domainName("1a2b3c", ref(name))).toThrow(AppError);
      }),
    );
  });
});

describe("failures", () => {
  const cases: readonly (readonly [string | null, string, RegExp])[] = [
    [
      null,
      "error: failed to connect to the hypervisor\nFailed to connect socket to '/var/run/libvirt/libvirt-sock'",
      /Libvirt does not answer/,
    ],
    [null, "cannot allocate: write failed: No space left on device", /disk is full/],
    [null, "Could not access KVM kernel module: No such file or directory", /cannot run VMs by KVM/],
    [
      "VagrantPlugins::ProviderLibvirt::Errors::NetworkNotAvailableError",
      "Network x is not available",
      /network is missing/,
    ],
    [
      "Vagrant::Errors::VMBootTimeout",
      "Timed out while waiting for the machine to boot",
      /did not answer by SSH/,
    ],
    ["Vagrant::Errors::BoxNotFound", "The box 'x' could not be found", /image is not on this host/],
    [
      "VagrantPlugins::ProviderLibvirt::Errors::DomainVolumeExists",
      "Volume for domain is already created",
      /earlier VM/,
    ],
    [null, "qemu-system-x86_64: cannot set up guest memory 'pc.ram': Cannot allocate memory", /memory/],
    [null, "something new", /the details say more/],
  ];
  test.each(cases)("%p %p is said in one plain sentence", (errorClass, text, sentence) => {
    expect(explainFailure(errorClass, text)).toMatch(sentence);
  });
});

describe("what a failed run printed", () => {
  const gems = "/usr/share/rubygems-integration/all/gems";
  const reason =
    "Call to virDomainCreateWithFlags failed: internal error: process exited while connecting to monitor: " +
    "2026-11-24T15:00:00.000000Z qemu-system-x86_64: -m 512: Invalid RAM size";
  const frames = Array.from({ length: 80 }, (_, index) => [
    `\tfrom ${gems}/vagrant-2.3.4/lib/vagrant/action/warden.rb:${index}:in \`call'`,
    `${gems}/vagrant-2.3.4/lib/vagrant/action/builder.rb:${index}:in \`block in call'`,
    `\tfrom /usr/lib/ruby/3.3.0/timeout.rb:${index}:in 'block in Timeout.timeout'`,
    "\tfrom <internal:kernel>:187:in `loop'",
  ]).flat();

  const read = (lines: readonly string[], stream: "info" | "error" = "error") =>
    failureText(lines.reduce((printed, line) => addPrinted(printed, stream, line), nothingPrinted));

  test("is QEMU's own reason, not where Ruby was when it heard of it", () => {
    const thread = `#<Thread:0x00007f2a ${gems}/vagrant-2.3.4/lib/vagrant/batch_action.rb:86 run>`;
    const lines = [
      `${thread} terminated with exception (report_on_exception is true):`,
      `${gems}/fog-libvirt-0.11.0/lib/fog/libvirt/vm_action.rb:7:in \`create': ${reason} (Libvirt::Error)`,
      ...frames,
      "\t ... 12 levels...",
    ];
    expect(read(lines)).toBe(`${reason} (Libvirt::Error)`);
  });

  test("is freed of the backtrace that Vagrant puts into the message itself", () => {
    const message = `An error occurred while executing the action on the 'web01' machine.\n\n${reason}\n\n`;
    expect(withoutBacktrace(message + frames.join("\n")).trim()).toBe(message.trim());
  });

  test("keeps the first errors and the end when much was printed in between", () => {
    const chatter = Array.from({ length: 2_000 }, (_, index) => `retry ${index}`);
    const text = read([reason, ...chatter, "giving up"]);
    expect(text.startsWith(reason)).toBe(true);
    expect(text.endsWith("giving up")).toBe(true);
    expect(text.length).toBeLessThan(8_100);
  });

  test("keeps lines that only look a little like a place in a program", () => {
    const lines = [
      "Vagrantfile:12: syntax error, unexpected end",
      "error from 10.0.0.5:22: connection reset",
      "/srv/vms/web01/disk.img: Permission denied",
    ];
    expect(read(lines, "info")).toBe(lines.join("\n"));
  });
});

test("ssh uses the machine's own key and pinned host key, and nothing of the user's", () => {
  const argv = sshArgv(
    {
      ...{ folder: "/srv/a b/vms/user1-web01", domain: "tw1a2b3c-user1-web01" },
      ...{ ip: "10.0.0.5", user: "vagrant" },
    },
    "pinned",
  );
  expect(argv.slice(0, 3)).toEqual(["ssh", "-F", "/dev/null"]);
  for (const option of [
    'BatchMode="yes"',
    'StrictHostKeyChecking="yes"',
    'IdentityAgent="none"',
    'IdentitiesOnly="yes"',
    'HostKeyAlias="tw1a2b3c-user1-web01"',
    'IdentityFile="/srv/a b/vms/user1-web01/id_ed25519"',
    'UserKnownHostsFile="/srv/a b/vms/user1-web01/known_hosts"',
  ])
    expect(argv).toContain(option);
  expect(argv.at(-1)).toBe("10.0.0.5");
});

test("the probe names what is missing and the command that helps", () => {
  const probe = summarize(
    [
      { name: "vagrant", state: "ok", found: "2.3.4", command: null },
      { name: "kvm", state: "slow", found: "there is no /dev/kvm", command: null },
      { name: "lab-box", state: "missing", found: "not built", command: "npm run box" },
    ],
    "qemu",
  );
  expect(probe.usable).toBe(false);
  expect(probe.label).toBe("Vagrant 2.3.4, libvirt, software emulation");
  expect(probe.reason).toContain("lab-box (not built)");
  expect(probe.reason).toContain("npm run box");
});
