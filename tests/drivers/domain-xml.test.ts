/** Documents of libvirt edited for copies and snapshots: pure, on text as libvirt prints it. */
import { expect, test } from "bun:test";
import { cloneXml, diskSnapshotXml, snapshotFacts } from "../../server/drivers/virsh/domain-xml.ts";

const SOURCE = `<domain type='qemu'>
  <name>tw1a2b3c-user7-web01</name>
  <uuid>e9e74d8c-cdaf-4f51-b5cb-3703c82e5838</uuid>
  <title>Twarga 1a2b3c VM 1</title>
  <description>Source: /srv/vms/user7-web01/Vagrantfile</description>
  <memory unit='KiB'>524288</memory>
  <currentMemory unit='KiB'>524288</currentMemory>
  <vcpu placement='static'>1</vcpu>
  <os>
    <type arch='x86_64' machine='pc-i440fx-7.2'>hvm</type>
    <cmdline>console=ttyS0 quiet twarga.name=web01 twarga.key=AAAA</cmdline>
  </os>
  <devices>
    <disk type='file' device='cdrom'>
      <source file='/iso/tools.iso'/>
    </disk>
    <disk type='file' device='disk'>
      <driver name='qemu' type='qcow2'/>
      <source file='/var/lib/libvirt/images/tw1a2b3c-user7-web01.img' index='1'/>
      <target dev='vdb' bus='virtio'/>
    </disk>
    <interface type='network'>
      <mac address='52:54:00:a5:e8:af'/>
      <source network='vagrant-libvirt'/>
    </interface>
  </devices>
</domain>
`;

const copy = cloneXml(SOURCE, {
  ...{ domain: "tw1a2b3c-user7-web02", title: "Twarga 1a2b3c VM 2", ramMb: 768, cpuCores: 2 },
  ...{ diskPath: "/pool/a&b.img", kernelCommandLine: "quiet twarga.name=web02 twarga.key=$&" },
});

test("a copy has a name, a title, a disk, a size and a kernel's command line of its own", () => {
  expect(copy).toContain("<name>tw1a2b3c-user7-web02</name>");
  expect(copy).toContain("<title>Twarga 1a2b3c VM 2</title>");
  expect(copy).toContain("<source file='/pool/a&amp;b.img'/>");
  expect(copy).toContain("<cmdline>quiet twarga.name=web02 twarga.key=$&amp;</cmdline>");
  expect(copy).toContain("<memory unit='MiB'>768</memory>");
  expect(copy).toContain("<vcpu placement='static'>2</vcpu>");
});

test("nothing of a copy points to its original, and other disks stay as they are", () => {
  for (const trace of ["web01", "e9e74d8c", "52:54:00", "Source:"]) expect(copy).not.toContain(trace);
  expect(copy).toContain("<source file='/iso/tools.iso'/>");
  expect(copy).toContain("<source network='vagrant-libvirt'/>");
});

test("a snapshot tells whether its memory was kept, and for which size", () => {
  const kept = `<domainsnapshot><state>running</state>${SOURCE}</domainsnapshot>`;
  expect(snapshotFacts(kept)).toEqual({ running: true, ramMb: 512, cpuCores: 1 });
  const off = diskSnapshotXml("s1", 1, SOURCE);
  expect(snapshotFacts(off)).toEqual({ running: false, ramMb: 512, cpuCores: 1 });
  expect(off).toContain("<disk name='vdb' snapshot='internal'/>");
});
