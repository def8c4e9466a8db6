/** What a feature hands to `app.ts`: its commands, its topics, and its life. */
import type { BoundCommand } from "./command.ts";
import type { Disposable } from "./disposable.ts";
import type { BoundTopic } from "./topic.ts";

export interface Feature extends Disposable {
  readonly commands: readonly BoundCommand[];
  readonly topics: readonly BoundTopic[];
}
