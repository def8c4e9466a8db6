/** How a state is shown: its word, its colour and its shape. */
import type { Tone } from "./tones.ts";

export interface StateLook {
  readonly label: string;
  readonly tone: Tone;
  readonly shape: "dot" | "ring" | "square" | "cross" | "check" | "moving";
}
