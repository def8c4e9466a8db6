/** Why the server does not start, as one line for the person who started it. */
export class StartRefusal extends Error {
  override readonly name = "StartRefusal";
}
