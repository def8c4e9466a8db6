/** What an event means for a subscription: the numbers decide. */
import { describe, expect, test } from "bun:test";
import { Subscription } from "../../../ui/socket/subscription.ts";

const handlers = { onSnapshot: () => {}, onEvent: () => {} };
const at = (seq: number, epoch = "one") => ({ epoch, seq });

function subscribed(topic: "vm.state" | "job.output" | "metrics.host", seq: number) {
  const subscription = new Subscription(topic, undefined);
  subscription.members.add({ handlers, isFresh: false });
  subscription.tookSnapshot(at(seq));
  return subscription;
}

describe("subscription", () => {
  test("delivers what follows the snapshot and ignores what the snapshot holds already", () => {
    const subscription = subscribed("vm.state", 5);
    expect([4, 5, 6, 7, 7].map((seq) => subscription.judge(at(seq)))).toEqual([
      "ignore",
      "ignore",
      "deliver",
      "deliver",
      "ignore",
    ]);
  });

  test("asks for a snapshot when there was none", () => {
    expect(new Subscription("vm.state", undefined).judge(at(1))).toBe("ask");
  });

  test("asks for a snapshot when the numbers are those of another server start", () => {
    expect(subscribed("vm.state", 5).judge(at(6, "two"))).toBe("ask");
  });

  test("delivers across a gap of states and asks for the snapshot that mends it", () => {
    const subscription = subscribed("vm.state", 5);
    expect(subscription.judge(at(8))).toBe("deliver_and_ask");
    expect(subscription.judge(at(9))).toBe("deliver");
  });

  test("skips samples without asking: only the newest matters", () => {
    expect(subscribed("metrics.host", 5).judge(at(50))).toBe("deliver");
  });

  test("holds a log back at a gap and resumes before it", () => {
    const subscription = subscribed("job.output", 5);
    expect(subscription.judge(at(8))).toBe("ask");
    expect(subscription.resumePoint()).toEqual(at(5));
    expect([6, 7, 8].map((seq) => subscription.judge(at(seq)))).toEqual(["deliver", "deliver", "deliver"]);
  });

  test("takes a gap that stays after a resume as it is, instead of asking for ever", () => {
    const subscription = subscribed("job.output", 5);
    expect(subscription.judge(at(8))).toBe("ask");
    expect(subscription.judge(at(8))).toBe("deliver");
  });

  test("resumes a log after a lost connection, but wants a snapshot of everything else", () => {
    const log = subscribed("job.output", 5);
    log.onDown();
    expect(log.resumePoint()).toEqual(at(5));
    const states = subscribed("vm.state", 5);
    states.onDown();
    expect(states.resumePoint()).toBeNull();
    expect([...states.members].map((member) => member.isFresh)).toEqual([false]);
  });

  test("wants a snapshot when a listener came late", () => {
    const log = subscribed("job.output", 5);
    log.members.add({ handlers, isFresh: false });
    expect(log.resumePoint()).toBeNull();
  });
});
