/**
 * Keeps a viewer's terminal from answering the queries of programs: the server's own terminal answers them once.
 * An answer of each viewer would land in the shell as typing.
 */
interface Disposable {
  dispose(): void;
}

interface SequenceId {
  prefix?: string;
  intermediates?: string;
  final: string;
}

/** The part of xterm's `IParser` that is needed; the browser's and the headless terminal both have it. */
export interface SequenceParser {
  registerCsiHandler(id: SequenceId, handler: (params: (number | number[])[]) => boolean): Disposable;
  registerDcsHandler(id: SequenceId, handler: () => boolean): Disposable;
  registerOscHandler(ident: number, handler: (text: string) => boolean): Disposable;
}

const swallow = () => true;
const letThrough = () => false;

/** Sequences that only ask: whatever their parameters, nothing is drawn. */
const csiQueries: readonly SequenceId[] = [
  { final: "c" }, // DA1: who are you
  { prefix: ">", final: "c" }, // DA2
  { prefix: "=", final: "c" }, // DA3
  { final: "n" }, // DSR: status, cursor position
  { prefix: "?", final: "n" }, // DSR of DEC: cursor page, colour scheme
  { intermediates: "$", final: "p" }, // DECRQM: is this mode on
  { prefix: "?", intermediates: "$", final: "p" },
  { prefix: ">", final: "q" }, // XTVERSION
  { prefix: "?", final: "u" }, // kitty keyboard flags
  { final: "x" }, // DECREQTPARM
  { intermediates: "*", final: "y" }, // DECRQCRA: checksum of the screen, which would leak its text
];

const dcsQueries: readonly SequenceId[] = [
  { intermediates: "$", final: "q" }, // DECRQSS: how is this set
  { intermediates: "+", final: "q" }, // XTGETTCAP
];

/** Colours: palette entry, text, background, cursor, highlights. A `?` asks, anything else sets. */
const colourOscs = [4, 5, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19] as const;
const CLIPBOARD_OSC = 52;

/** Window operations (`CSI … t`) that report: state, position, sizes, icon label, title. The others act. */
const reportingWindowOps: ReadonlySet<number> = new Set([11, 13, 14, 15, 16, 18, 19, 20, 21]);

function asksForColour(text: string): boolean {
  return text.split(";").includes("?");
}

/** Installs the handlers; ends with the returned dispose. */
export function silenceQueries(parser: SequenceParser): Disposable {
  const handlers = [
    ...csiQueries.map((id) => parser.registerCsiHandler(id, swallow)),
    ...dcsQueries.map((id) => parser.registerDcsHandler(id, swallow)),
    ...colourOscs.map((ident) => parser.registerOscHandler(ident, asksForColour)),
    parser.registerCsiHandler({ final: "t" }, ([operation]) =>
      typeof operation === "number" && reportingWindowOps.has(operation) ? swallow() : letThrough(),
    ),
    // Neither read nor set: a program in a VM has no business in the clipboard of the person.
    parser.registerOscHandler(CLIPBOARD_OSC, swallow),
  ];
  return { dispose: () => handlers.forEach((handler) => handler.dispose()) };
}

const FOCUS_REPORTS: ReadonlySet<string> = new Set(["\u001B[I", "\u001B[O"]);

/**
 * Whether data of the terminal is typing. xterm reports the focus in the moment a program asks for such reports
 * (also when the screen is restored): with several viewers that is an answer too, so it is left out.
 */
export function isTyping(data: string, isDrawing: boolean): boolean {
  return !(isDrawing && FOCUS_REPORTS.has(data));
}
