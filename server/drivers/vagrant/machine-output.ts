/** Reads Vagrant's `--machine-readable` lines: pure, tested on lines as Vagrant printed them. */

export type VagrantLine =
  | { readonly kind: "text"; readonly stream: "info" | "error"; readonly text: string }
  | { readonly kind: "failure"; readonly errorClass: string; readonly message: string }
  | { readonly kind: "other" };

const other: VagrantLine = { kind: "other" };

const unescape = (field: string): string =>
  field.replaceAll("%!(VAGRANT_COMMA)", ",").replace(/\\[nr]/g, (escape) => (escape === "\\n" ? "\n" : "\r"));

/** `==> web01: text` and its continuation lines, without what every line repeats. */
const withoutPrefix = (text: string): string =>
  text
    .split(/\r?\n|\r/)
    .map((line) => line.replace(/^(==>| {3}) [a-z0-9-]+: ?/, "").trimEnd())
    .filter((line) => line !== "")
    .join("\n");

export function parseVagrantLine(line: string): VagrantLine {
  const [time, , type, ...data] = line.split(",");
  // Ruby warnings and the like come between the lines of the protocol.
  if (time === undefined || !/^\d+$/.test(time) || type === undefined) {
    return line.trim() === "" ? other : { kind: "text", stream: "info", text: line.trimEnd() };
  }
  const [first = "", ...rest] = data.map(unescape);
  switch (type) {
    case "ui": {
      const text = withoutPrefix(rest.join(","));
      return text === "" ? other : { kind: "text", stream: first === "error" ? "error" : "info", text };
    }
    case "error-exit":
      return { kind: "failure", errorClass: first, message: rest.join(",").trim() };
    default:
      return other;
  }
}

interface Milestone {
  readonly sign: string;
  readonly step: string;
  readonly progress: number;
}

/** Signs in the text of `vagrant up`, in order. A sign that never comes costs a step, nothing else. */
const milestones: readonly Milestone[] = [
  { sign: "Bringing machine", step: "Vagrant is at work", progress: 0.15 },
  { sign: "Creating image", step: "Making the disk", progress: 0.2 },
  { sign: "Creating domain", step: "Defining the machine", progress: 0.25 },
  { sign: "Starting domain", step: "Switching it on", progress: 0.3 },
  { sign: "Waiting for domain to get an IP", step: "Booting, waiting for an address", progress: 0.4 },
  { sign: "Waiting for machine to boot", step: "Waiting for SSH", progress: 0.75 },
  { sign: "Machine booted and ready", step: "Booted", progress: 0.9 },
];

export const milestoneOf = (text: string): Milestone | null =>
  milestones.find(({ sign }) => text.includes(sign)) ?? null;
