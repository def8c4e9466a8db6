/** A QR code as one path of an SVG: crisp at every size, and no image that the content policy would have to allow. */
import { encode } from "uqr";

export interface QrPath {
  /** Modules per side, with the quiet zone. */
  readonly size: number;
  readonly path: string;
}

/** ISO/IEC 18004 asks for four modules of quiet around the code. */
const QUIET_MODULES = 4;

export function qrPath(text: string): QrPath {
  // Level M: a screen that is photographed has reflections.
  const { size, data } = encode(text, { ecc: "M", border: QUIET_MODULES });
  const runs = data.flatMap((row, y) => row.flatMap((isDark, x) => (isDark ? [`M${x} ${y}h1v1h-1z`] : [])));
  return { size, path: runs.join("") };
}
