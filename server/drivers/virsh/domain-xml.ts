/** Edits of libvirt's own XML documents: pure, on text as `virsh dumpxml` prints it. */

export interface CloneChanges {
  readonly domain: string;
  readonly title: string;
  readonly diskPath: string;
  readonly kernelCommandLine: string | null;
  readonly ramMb: number;
  readonly cpuCores: number;
}

const escapes: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  "'": "&apos;",
  '"': "&quot;",
};
const escaped = (text: string): string => text.replace(/[&<>'"]/g, (sign) => escapes[sign] ?? "");

/** Takes the text literally: `$&` and the like mean nothing. */
const put = (xml: string, pattern: RegExp, text: string): string => xml.replace(pattern, () => text);

/** From `dumpxml --inactive` of one domain the definition of another like it; libvirt gives it an id and an address. */
export function cloneXml(source: string, changes: CloneChanges): string {
  const { domain, title, diskPath, kernelCommandLine, ramMb, cpuCores } = changes;
  let xml = source;
  xml = put(xml, /<name>[^<]*<\/name>/, `<name>${escaped(domain)}</name>`);
  xml = put(xml, /\s*<uuid>[^<]*<\/uuid>/, "");
  xml = put(xml, /<title>[^<]*<\/title>/, `<title>${escaped(title)}</title>`);
  xml = put(xml, /\s*<description>[^<]*<\/description>/, "");
  xml = put(xml, /<memory\b[^>]*>\d+<\/memory>/, `<memory unit='MiB'>${ramMb}</memory>`);
  xml = put(
    xml,
    /<currentMemory\b[^>]*>\d+<\/currentMemory>/,
    `<currentMemory unit='MiB'>${ramMb}</currentMemory>`,
  );
  xml = put(xml, /<vcpu\b[^>]*>\d+<\/vcpu>/, `<vcpu placement='static'>${cpuCores}</vcpu>`);
  xml = put(xml, /\s*<mac address='[^']*'\/>/, "");
  xml = put(
    xml,
    /(?<=<disk\b[^>]*device='disk'[^>]*>[^]*?)<source file='[^']*'[^>]*\/>/,
    `<source file='${escaped(diskPath)}'/>`,
  );
  if (kernelCommandLine !== null)
    xml = put(xml, /<cmdline>[^<]*<\/cmdline>/, `<cmdline>${escaped(kernelCommandLine)}</cmdline>`);
  return xml;
}

export interface SnapshotFacts {
  /** Its memory was kept too. */
  readonly running: boolean;
  readonly ramMb: number;
  readonly cpuCores: number;
}

/** From `snapshot-dumpxml`. */
export function snapshotFacts(xml: string): SnapshotFacts {
  return {
    running: /<state>(running|paused)<\/state>/.test(xml),
    ramMb: Math.round(Number(/<memory unit='KiB'>(\d+)<\/memory>/.exec(xml)?.[1] ?? 0) / 1024),
    cpuCores: Number(/<vcpu\b[^>]*>(\d+)<\/vcpu>/.exec(xml)?.[1] ?? 0),
  };
}

/** A snapshot that is in the disk already, described as one of a machine that was off: only its disk comes back. */
export function diskSnapshotXml(name: string, createdAtSeconds: number, inactiveDomainXml: string): string {
  return `<domainsnapshot>
  <name>${escaped(name)}</name>
  <state>shutoff</state>
  <creationTime>${createdAtSeconds}</creationTime>
  <memory snapshot='no'/>
  <disks><disk name='${diskTarget(inactiveDomainXml)}' snapshot='internal'/></disks>
${inactiveDomainXml.replace(/^<\?xml[^>]*\?>\s*/, "")}
</domainsnapshot>
`;
}

const diskTarget = (xml: string): string =>
  /<disk\b[^>]*device='disk'[^>]*>[^]*?<target dev='([a-z0-9]+)'/.exec(xml)?.[1] ?? "vda";
