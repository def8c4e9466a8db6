/** The only way features hear of each other and the gateway hears of them: typed events of the topic table. */
import type { EventOf, TopicName, UserId } from "#protocol";
import type { Disposable } from "./disposable.ts";

/** Who an event is for; must match the scope of its topic. */
export type Audience =
  | { readonly kind: "everyone" }
  | { readonly kind: "owner"; readonly ownerId: UserId }
  /** Of an `owner` topic: nobody's own, so only those hear it who hear everybody's. */
  | { readonly kind: "all" }
  | { readonly kind: "key"; readonly key: string };

export interface BusEvent<T extends TopicName = TopicName> {
  readonly topic: T;
  readonly to: Audience;
  readonly data: EventOf<T>;
}

export type SessionsEnded =
  | { readonly kind: "session"; readonly sessionId: string }
  | { readonly kind: "user"; readonly userId: UserId };

export interface Bus {
  /** Delivers to every listener before it returns. */
  publish<T extends TopicName>(topic: T, to: Audience, data: EventOf<T>): void;
  on<T extends TopicName>(topic: T, listener: (event: BusEvent<T>) => void): Disposable;
  onAny(listener: (event: BusEvent) => void): Disposable;
  /** Log-out, deactivation, expiry: open sockets of these sessions must end now. */
  endSessions(which: SessionsEnded): void;
  onSessionsEnded(listener: (which: SessionsEnded) => void): Disposable;
}

function listen<L>(listeners: Set<L>, listener: L): Disposable {
  listeners.add(listener);
  return { dispose: () => void listeners.delete(listener) };
}

export function createBus(): Bus {
  const anyListeners = new Set<(event: BusEvent) => void>();
  const endListeners = new Set<(which: SessionsEnded) => void>();
  return {
    publish(topic, to, data) {
      const event: BusEvent<typeof topic> = { topic, to, data };
      // Generic T collapses to the union here; each listener narrows by `topic` again.
      for (const listener of [...anyListeners]) listener(event as BusEvent);
    },
    on(topic, listener) {
      return listen(anyListeners, (event: BusEvent) => {
        if (event.topic === topic) listener(event as BusEvent<typeof topic>);
      });
    },
    onAny: (listener) => listen(anyListeners, listener),
    endSessions(which) {
      for (const listener of [...endListeners]) listener(which);
    },
    onSessionsEnded: (listener) => listen(endListeners, listener),
  };
}
