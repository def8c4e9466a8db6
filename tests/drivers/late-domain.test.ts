/** Taking a machine away while libvirtd still works off what its killed maker had asked for. */
import { describe, expect, test } from "bun:test";
import { createDomains } from "../../server/drivers/vagrant/domains.ts";
import type { Virsh, VirshAnswer } from "../../server/drivers/virsh/virsh.ts";
import { ManualClock } from "../helpers/manual-clock.ts";

const DOMAIN = "tw1a2b3c-user1-web01";

/** A libvirt that knows of one domain, from `appearsAtMs` after now until somebody takes it away. */
function createHostWith(appearsAtMs: number) {
  const clock = new ManualClock(0);
  let isTaken = false;
  const isThere = () => clock.now() >= appearsAtMs && !isTaken;
  const answer = (ok: boolean): VirshAnswer => ({ ok, stdout: "", stderr: ok ? "" : "error: not found" });
  const virsh: Virsh = {
    uri: "test:///default",
    argv: (...argv) => [...argv],
    run: async () => "",
    async ask(command) {
      if (command === "domstate") return answer(isThere());
      if (command !== "undefine") return answer(false);
      const wasThere = isThere();
      isTaken ||= wasThere;
      return answer(wasThere);
    },
  };
  return { domains: createDomains(virsh, "1a2b3c", clock), clock, isThere };
}

/** Removes it, and tells how long that took by the clock. */
async function remove(host: ReturnType<typeof createHostWith>, mayAppear: boolean): Promise<number> {
  const removal = host.domains.remove(DOMAIN, { mayAppear }).then(() => "over" as const);
  while ((await Promise.race([removal, Bun.sleep(0)])) !== "over") {
    if (host.clock.waiting > 0) host.clock.advance(50);
  }
  return host.clock.now();
}

describe("a machine that is taken away", () => {
  test("is taken away also when it appears a second after its maker was killed", async () => {
    for (const appearsAtMs of [0, 1, 200, 700, 1_400]) {
      const host = createHostWith(appearsAtMs);
      await remove(host, true);
      host.clock.advance(10_000);
      expect(host.isThere()).toBe(false);
    }
  });

  test("is looked for again a good second later, but only when it may appear", async () => {
    expect(await remove(createHostWith(Infinity), true)).toBeGreaterThanOrEqual(1_500);
    expect(await remove(createHostWith(Infinity), false)).toBeLessThan(500);
    expect(await remove(createHostWith(0), false)).toBeLessThan(500);
  });
});
