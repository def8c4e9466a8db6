/** Reads the output of `virsh domstats --raw`: pure, so that every odd field is tested without a hypervisor. */

export interface DomainStats {
  readonly domain: string;
  /** False when QEMU was busy and libvirt left out what only QEMU knows. */
  readonly isComplete: boolean;
  readonly state: number;
  readonly reason: number;
  readonly cpuTimeNs: number;
  readonly cpuCores: number;
  readonly memoryTotalBytes: number;
  readonly memoryUsedBytes: number;
  readonly diskTotalBytes: number;
  readonly diskUsedBytes: number;
  readonly diskReadBytes: number;
  readonly diskWriteBytes: number;
  readonly networkRxBytes: number;
  readonly networkTxBytes: number;
}

type Fields = ReadonlyMap<string, number>;

const KIB = 1024;

export function parseDomstats(text: string): readonly DomainStats[] {
  const domains: DomainStats[] = [];
  let name: string | null = null;
  let fields = new Map<string, number>();
  const close = () => {
    if (name !== null) domains.push(statsOf(name, fields));
    fields = new Map();
  };
  for (const line of text.split("\n")) {
    const head = /^Domain: '(.*)'$/.exec(line);
    if (head) {
      close();
      name = head[1] ?? null;
      continue;
    }
    const field = /^\s+([\w.-]+)=(\d+)$/.exec(line);
    if (field?.[1] !== undefined) fields.set(field[1], Number(field[2]));
  }
  close();
  return domains;
}

function statsOf(domain: string, fields: Fields): DomainStats {
  const of = (key: string) => fields.get(key) ?? 0;
  const memoryTotalBytes = of("balloon.current") * KIB;
  return {
    domain,
    isComplete: fields.has("block.count"),
    state: of("state.state"),
    reason: of("state.reason"),
    cpuTimeNs: of("cpu.time"),
    cpuCores: of("vcpu.current"),
    memoryTotalBytes,
    memoryUsedBytes: Math.min(memoryUsed(fields), memoryTotalBytes),
    diskTotalBytes: sum(fields, "block", "capacity"),
    diskUsedBytes: sum(fields, "block", "allocation"),
    diskReadBytes: sum(fields, "block", "rd.bytes"),
    diskWriteBytes: sum(fields, "block", "wr.bytes"),
    networkRxBytes: sum(fields, "net", "rx.bytes"),
    networkTxBytes: sum(fields, "net", "tx.bytes"),
  };
}

/** As the guest sees it, once its balloon driver reports; before that what the process of the machine holds. */
function memoryUsed(fields: Fields): number {
  const available = fields.get("balloon.available");
  const usable = fields.get("balloon.usable") ?? fields.get("balloon.unused");
  if (available !== undefined && usable !== undefined) return Math.max(0, available - usable) * KIB;
  return (fields.get("balloon.rss") ?? 0) * KIB;
}

function sum(fields: Fields, group: "block" | "net", key: string): number {
  let total = 0;
  const count = fields.get(`${group}.count`) ?? 0;
  for (let index = 0; index < count; index++) total += fields.get(`${group}.${index}.${key}`) ?? 0;
  return total;
}
