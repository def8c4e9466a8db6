/** The socket a terminal command came on; the other faces have no way for its bytes. */
import type { Caller, ClientChannel } from "../../../core/caller.ts";
import { AppError } from "../../../core/errors.ts";

export function socketOf(caller: Caller): ClientChannel {
  if (!caller.channel) throw new AppError("unsupported", "Terminals need the socket");
  return caller.channel;
}
