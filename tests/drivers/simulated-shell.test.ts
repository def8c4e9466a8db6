/** What a person who types on a simulated machine sees. */
import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { userId, vmId } from "#protocol";
import { array, assert, asyncProperty, constantFrom, oneof, string } from "fast-check";
import { type Clock, systemClock } from "../../server/core/clock.ts";
import { createLog } from "../../server/core/log.ts";
import { createSimulatedDriver } from "../../server/drivers/simulated/index.ts";
import { isIncomplete, liveCommandOf } from "../../server/drivers/simulated/shell/script.ts";
import type { ObservedVm, VmDriver, VmMachine } from "../../server/drivers/vm-driver.ts";
import { record } from "./record-run.ts";
import { TypedShell, until } from "./typed-shell.ts";

// Machines that test are busy; a fact that fails does so by its own deadline.
setDefaultTimeout(30_000);

const ANSWER_MS = 15_000;
const owner = userId.parse(4);
const machine: VmMachine = {
  vmId: vmId.parse(8),
  ownerId: owner,
  name: "sim01",
  image: { id: "lab", box: "twarga-lab", sshUser: "vagrant" },
  ramMb: 1024,
  cpuCores: 2,
  diskGb: 20,
  sshKeys: [],
  startupScript: null,
};
const { run: quiet } = record();

let home = "";
let driver: VmDriver;
let shell: TypedShell;

const create = (clock: Clock = systemClock, speed = 100) =>
  createSimulatedDriver({
    vmsDir: join(home, "vms"),
    clock,
    log: createLog("silent"),
    reason: "Asked for.",
    speed,
  });

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "twarga-simulated-"));
  driver = create();
});
afterEach(async () => {
  await driver.dispose();
  rmSync(home, { recursive: true, force: true });
});

async function boot(): Promise<void> {
  await driver.create(machine, quiet);
  shell = await TypedShell.open(driver, machine, ANSWER_MS);
}
/** What the screen shows of the line being typed: a line editor draws, so only a terminal can tell. */
const shows = (pattern: RegExp) =>
  until(ANSWER_MS, String(pattern), () => pattern.test(Bun.stripANSI(shell.text)));

describe("typing on a simulated machine", () => {
  beforeEach(boot);

  test.each([
    ["insertion in the middle", "echo ac\u001b[Db\r", "abc"],
    ["Home and End", "ho 1\u001b[Hec\u001b[F2\r", "12"],
    ["Ctrl-A and Ctrl-E", "ho 1\u0001ec\u00052\r", "12"],
    ["Backspace and Delete", "echo axb\u007f\u001b[D\u001b[3~a\r", "aa"],
    ["Ctrl-W", "echo one two\u0017three\r", "one three"],
    ["Ctrl-U", "rubbish\u0015echo clean\r", "clean"],
    ["Ctrl-K", "echo good bad\u001b[D\u001b[D\u001b[D\u000b\r", "good"],
    ["Ctrl-D in a line", "echo aXb\u001b[D\u001b[D\u0004\r", "ab"],
    ["characters outside ASCII", "echo grüße 日本 😀\u007f!\r", "grüße 日本 !"],
    ["history", "echo first\r\u001b[A\u007f\u007f\u007f\u007f\u007flast\r", "last"],
    [
      "a multi-line paste, run as one script on Enter",
      "\u001b[200~for i in 1 2; do\necho p$i\ndone\u001b[201~\r",
      "p1\r\np2",
    ],
    ["a block over several lines", "if true; then\recho yes\rfi\r", "yes"],
    ["a here-document", "cat <<E\rh 1\rE\r", "h 1"],
  ])("%s", async (_what, keys, answer) => {
    // Key by key, as people type; a paste comes whole.
    for (const part of keys.includes("[200~") ? [keys] : keys.split(/(?<=\r)/)) shell.type(part);
    await shows(new RegExp(`\\n${answer.replace(/[!]/g, "\\$&")}\\r\\n(.*\\n)*.*\\$ $`));
  });

  test("half a character at the end of a frame is one character", async () => {
    const bytes = new TextEncoder().encode("echo 日\r");
    shell.stream.write(bytes.subarray(0, 6));
    shell.stream.write(bytes.subarray(6));
    await shows(/\n日\r\n/);
  });

  test("Tab completes file names and commands, twice lists them", async () => {
    await shell.answer("mkdir -p work/deep; touch work/alpha work/alto", /^$/);
    shell.type("ls wo");
    shell.type("\t");
    await shows(/\$ ls work\/$/);
    shell.type("al");
    shell.type("\t\t");
    await shows(/work\/alpha\s+work\/alto/);
    shell.type("\u0003");
    shell.type("unam");
    shell.type("\t");
    await shows(/\$ uname $/);
  });

  test("Ctrl-C drops the line and its block, and ends what runs", async () => {
    shell.type("for i in 1 2; do\r");
    await shows(/\n> $/);
    shell.type("\u0003");
    await shows(/\^C\r\n.*\$ $/);
    shell.type("sleep 60\r");
    shell.type("echo too-early\r");
    shell.type("\u0003");
    await shell.answer("echo rc=$?", /rc=/);
    expect(shell.text).not.toContain("\ntoo-early");
  });

  test("what is typed while a command runs comes next", async () => {
    shell.type("sleep 0.2\recho later\r");
    await shows(/\nlater\r\n/);
  });

  test("Ctrl-L clears, Ctrl-Z suspends neither shell nor server, Ctrl-D ends the shell", async () => {
    shell.type("\u001a\u000c");
    await until(ANSWER_MS, "a cleared screen", () => shell.text.includes("\u001b[1;1H\u001b[0J"));
    await shell.answer("false; echo rc=$?", /rc=1/);
    shell.type("\u0004");
    expect(await shell.stream.exited).toEqual({ exitCode: 0 });
  });

  test("any typed bytes leave a shell that answers", async () => {
    const key = constantFrom(
      "\u001b[A",
      "\u001b[B",
      "\u001b[C",
      "\u001b[D",
      "\u0001",
      "\u0005",
      "\u0015",
      "\u000b",
      "\u0017",
      "\u001a",
      "\t",
      "\u001b",
      "\u001b[200~",
      "\u001b[201~",
      "'",
      "a",
      "日",
      " ",
    );
    await assert(
      asyncProperty(
        array(oneof(key, string({ unit: "binary", maxLength: 3 })), { maxLength: 30 }),
        async (keys) => {
          for (const part of keys) shell.type(part.replaceAll("\u0004", "").replace(/[\r\n]/g, ""));
          shell.type("\u001b[201~\u0003\u0003");
          await shell.answer("echo o''k", /ok/);
        },
      ),
      { numRuns: 25 },
    );
  }, 20_000);
});

describe("a simulated machine", () => {
  test("says plainly that it is simulated", async () => {
    expect(driver.info).toMatchObject({
      name: "simulated",
      simulated: true,
      label: "Simulated: no real machines",
    });
    await boot();
    expect(shell.text).toContain("Simulated machine");
  });

  test("tells its own state, not the host's", async () => {
    await boot();
    await shell.answer("hostname; whoami; nproc; cat /etc/hostname", /^sim01\r\ntwarga\r\n2\r\nsim01\r\n$/);
    await shell.answer("free -m | grep Mem", /Mem:\s+1024/);
    await shell.answer("df -h / | grep vda", /20\.0G/);
    await shell.answer("ps aux | grep -c bash", /^1/);
    await shell.answer("top | head -3", /%Cpu/);
    await shell.answer("sudo id -u; uptime", /uid=1000[\s\S]*load average/);
    await shell.answer("cat /etc/shadow; ls /work /proc/self", /No such file/);
    await shell.answer("ssh example.org; curl http://127.0.0.1", /refused[\s\S]*refused/);
    await shell.answer("cat /proc/meminfo", /MemTotal: +1048576 kB/);
    shell.type("ping -c 1 sim01\r");
    await shows(/1 packets transmitted, 1 received/);
  });

  test("lives on over a restart of the server, with its files and its uptime", async () => {
    await boot();
    await shell.answer("mkdir d; echo kept > d/f; chmod 750 d; ln -s d/f link", /^$/);
    const before = (await driver.sample())[0];
    await driver.dispose();
    driver = create();
    expect(await driver.inspect()).toMatchObject([{ state: "running", ref: { name: "sim01" } }]);
    expect((await driver.sample())[0]?.cpuTimeNs).toBeGreaterThanOrEqual(before?.cpuTimeNs ?? Infinity);
    shell = await TypedShell.open(driver, machine, ANSWER_MS);
    await shell.answer("cat link; stat -c %a d", /kept\r\n750/);
  });

  test("a create that a crash cut short leaves nothing; folders of others stay and are in the way", async () => {
    await boot();
    const vms = join(home, "vms");
    const info = await Bun.file(join(vms, "user4-sim01/.vm_info")).json();
    mkdirSync(join(vms, "user4-half"));
    writeFileSync(
      join(vms, "user4-half/.vm_info"),
      JSON.stringify({ ...info, name: "half", state: "creating" }),
    );
    mkdirSync(join(vms, "user4-other"));
    writeFileSync(join(vms, "user4-other/.vm_info"), JSON.stringify({ driver: "vagrant" }));
    await driver.dispose();
    driver = create();
    expect((await driver.inspect()).map((vm) => vm.ref.name)).toEqual(["sim01"]);
    expect(readdirSync(vms).toSorted()).toEqual(["user4-other", "user4-sim01"]);
    expect(driver.create({ ...machine, name: "other" }, quiet)).rejects.toMatchObject({ code: "conflict" });
  });

  test("poweroff and reboot typed inside are seen outside", async () => {
    await boot();
    const seen: ObservedVm["state"][] = [];
    driver.watch((vm) => void seen.push(vm.state));
    shell.type("sudo reboot\r");
    await shell.stream.exited;
    await until(ANSWER_MS, "the reboot", () => seen.join() === "stopped,running");
    shell = await TypedShell.open(driver, machine, ANSWER_MS);
    shell.type("poweroff\r");
    await until(ANSWER_MS, "the end", () => seen.join() === "stopped,running,stopped");
    expect((await driver.inspect())[0]?.state).toBe("stopped");
  });

  test("no line can hold the server up, fill its memory or its disk", async () => {
    await boot();
    let longest = 0;
    let last = performance.now();
    const timer = setInterval(() => {
      longest = Math.max(longest, performance.now() - last);
      last = performance.now();
    }, 5);
    for (const line of [
      "while true; do :; done",
      ":(){ :|:; };:",
      "x=a; while true; do x=$x$x; done",
      "seq 1 99999999",
      "awk 'BEGIN{while(1)i++}'",
    ]) {
      shell.type(`${line}\r`);
      await shell.answer("echo next", /next/);
    }
    for (const set of ["a", "b", "c", "d"])
      shell.type(`seq 1 9999 > f; for i in $(seq 1 60); do cat f > ${set}$i; done; echo set-${set}\r`);
    await shows(/ENOSPC[\s\S]*\$ $/);
    clearInterval(timer);
    // About 0.2 s on an idle machine; this one may be shared.
    expect(longest).toBeLessThan(3_000);
    await shell.answer("echo alive", /alive/);
  }, 20_000);

  test("lives by the clock it is given, and the same moment gives the same figures", async () => {
    const timers: { at: number; fn: () => void }[] = [];
    let now = 1_000;
    const clock: Clock = {
      now: () => now,
      after(ms, fn) {
        const timer = { at: now + ms, fn };
        timers.push(timer);
        return { dispose: () => void timers.splice(timers.indexOf(timer), 1) };
      },
      every: () => ({ dispose() {} }),
    };
    const moved = create(clock, 1);
    let isMade = false;
    const made = moved.create(machine, quiet).then(() => (isMade = true));
    for (let at = 0; at < 3_700; at += 100) {
      await Bun.sleep(0);
      now += 100;
      for (const timer of timers.filter((due) => due.at <= now))
        timers.splice(timers.indexOf(timer), 1)[0]?.fn();
    }
    expect(isMade).toBe(false);
    for (let n = 0; n < 3; n++) {
      await Bun.sleep(0);
      now += 100;
      for (const timer of timers.filter((due) => due.at <= now))
        timers.splice(timers.indexOf(timer), 1)[0]?.fn();
    }
    await made;
    now += 60_000;
    const first = await moved.sample();
    expect(await moved.sample()).toEqual(first);
    let before = first[0];
    for (let n = 0; n < 500; n++) {
      now += 777;
      const [next] = await moved.sample();
      for (const key of [
        "cpuTimeNs",
        "diskReadBytes",
        "diskWriteBytes",
        "networkRxBytes",
        "networkTxBytes",
      ] as const)
        expect(next?.[key]).toBeGreaterThanOrEqual(before?.[key] ?? Infinity);
      const busyNs = (next?.cpuTimeNs ?? 0) - (before?.cpuTimeNs ?? 0);
      expect(busyNs).toBeLessThanOrEqual(777e6 * 2);
      expect(next?.memoryUsedBytes).toBeLessThan(next?.memoryTotalBytes ?? 0);
      before = next;
    }
    await moved.dispose();
  });
});

describe("what the shell makes of a script", () => {
  test.each([
    "echo 'a",
    'echo "a',
    "if true; then",
    "for i in 1; do",
    "cat <<E\nx",
    "echo $(ls",
    "f() {",
    "a |",
    "a &&",
    "echo \\",
    "case x in",
  ])("%p needs more lines", (script) => expect(isIncomplete(script)).toBe(true));
  test.each([
    "echo a",
    "echo )",
    "fi",
    "cat <<E\nx\nE",
    "if true; then echo; fi",
    "echo \\\\",
    "cat <<< word",
  ])("%p is whole", (script) => expect(isIncomplete(script)).toBe(false));
  test("only plain `exit`, `yes` and `ping` are the shell's own", () => {
    expect(liveCommandOf("exit 300")).toEqual({ kind: "exit", exitCode: 44 });
    expect(liveCommandOf(" yes  no ")).toEqual({ kind: "program", name: "yes", args: ["no"] });
    for (const script of ["yes | head", "exit 1 2", "echo exit", "ping $HOST", "yes > f"])
      expect(liveCommandOf(script)).toBeNull();
  });
});
