/** Pure: reads the header of a qcow2 disk and says why it is refused. */

/** Version 3 with its feature bits; extensions follow and are of no use without those bits. */
export const HEADER_BYTES = 104;
const MAGIC = 0x51_46_49_fb;
/** Compression type and extended L2 entries; any other bit names a file beside it, damage, or something newer than us. */
const KNOWN_FEATURES = 0b1_1000n;
const CORRUPT_OR_DIRTY = 0b11n;
const EXTERNAL_DATA = 0b100n;
const GIB = 1024n ** 3n;

export type Qcow2Verdict =
  { readonly ok: true; readonly virtualGb: number } | { readonly ok: false; readonly reason: string };

const refused = (reason: string): Qcow2Verdict => ({ ok: false, reason });

export function judgeQcow2(header: Uint8Array): Qcow2Verdict {
  if (header.length < HEADER_BYTES) return refused("its disk is no qcow2 image");
  const view = new DataView(header.buffer, header.byteOffset, header.byteLength);
  const version = view.getUint32(4);
  if (view.getUint32(0) !== MAGIC || (version !== 2 && version !== 3))
    return refused("its disk is no qcow2 image");
  // QEMU opens whatever file is named there: that would be one of this host.
  if (view.getBigUint64(8) !== 0n || view.getUint32(16) !== 0)
    return refused("its disk lies on another file (a backing file)");
  if (view.getUint32(32) !== 0) return refused("its disk is encrypted");
  const features = version === 3 ? view.getBigUint64(72) : 0n;
  if ((features & EXTERNAL_DATA) !== 0n) return refused("its disk keeps its data in another file");
  if ((features & CORRUPT_OR_DIRTY) !== 0n) return refused("its disk is marked as damaged or in use");
  if ((features & ~KNOWN_FEATURES) !== 0n) return refused("its disk has features that are not known here");
  const size = view.getBigUint64(24);
  if (size === 0n) return refused("its disk is empty");
  return { ok: true, virtualGb: Number((size + GIB - 1n) / GIB) };
}
