/** Turns the usual failures of Vagrant and libvirt into one plain sentence; the raw text stays behind a click. */

interface Explanation {
  readonly pattern: RegExp;
  readonly sentence: string;
}

/** First match wins: causes stand before their consequences. */
const explanations: readonly Explanation[] = [
  {
    pattern: /no space left on device|disk full|ENOSPC|insufficient (disk )?space/i,
    sentence: "The host's disk is full. Free some space and try again.",
  },
  {
    pattern: /cannot allocate memory|cannot set up guest memory|out of memory/i,
    sentence: "The host has not enough free memory for this VM. Stop another one or choose less memory.",
  },
  {
    pattern: /authentication (unavailable|failed)|access denied by policy|permission denied.*libvirt-sock/i,
    sentence:
      "This user may not use libvirt. Run `npm run setup:vm`, then log out and in again so that the new group counts.",
  },
  {
    pattern:
      /failed to connect|connection refused.*libvirt|error while connecting to libvirt|cannot recv data|client socket is closed|libvirt-sock/i,
    sentence: "Libvirt does not answer. Start libvirtd, or run `npm run setup:vm`.",
  },
  {
    pattern: /executable not found|ENOENT.*(virsh|vagrant)|(virsh|vagrant).*(ENOENT|not found in)/i,
    sentence: "Vagrant or libvirt is not installed. Run `npm run setup:vm`.",
  },
  {
    pattern:
      /could not access KVM kernel module|\/dev\/kvm|KVM is not available|no KVM|invalid value for attribute.*kvm|unsupported.*domain type.*kvm|could not find capabilities for domaintype=kvm/i,
    sentence: "This host cannot run VMs by KVM. Run `npm run setup:vm` to find out what works here.",
  },
  {
    pattern:
      /network not found|network '[^']*' is not active|NetworkNotAvailable|ActivateNetworkError|CreateNetworkError|cannot get interface|no network with matching name/i,
    sentence: "The virtual network is missing or does not start. Run `npm run setup:vm` to repair it.",
  },
  {
    pattern: /dnsmasq/i,
    sentence: "The virtual network has no address server (dnsmasq). Run `npm run setup:vm`.",
  },
  {
    pattern: /storage pool not found|NoStoragePool|CreatingStoragePool|pool .* is not active/i,
    sentence: "Libvirt's storage pool is missing or off. Run `npm run setup:vm` to repair it.",
  },
  {
    pattern: /BoxNotFound|BoxAddNoMatching|box .* could not be found|BoxAdd|BadBoxImage|NoBoxVolume/i,
    sentence: "The image is not on this host. Build it with `npm run box`.",
  },
  {
    pattern:
      /cannot access storage file|cannot open (file|disk|kernel|initrd)|could not open .*(vmlinuz|initrd)/i,
    sentence: "A disk or kernel file of this VM is missing or not readable.",
  },
  {
    pattern: /host key verification failed|REMOTE HOST IDENTIFICATION HAS CHANGED/i,
    sentence: "The VM shows another host key than at its first boot, so it is not trusted.",
  },
  {
    pattern: /permission denied \(publickey|SSHAuthenticationFailed/i,
    sentence: "The VM is up but refuses our key.",
  },
  {
    pattern:
      /VMBootTimeout|timed out while waiting for the machine to boot|SSHNotReady|SSHConnectionTimeout|SSHInvalidShell|SSHHostDown|SSHNoRoute/i,
    sentence: "The VM started but did not answer by SSH in time.",
  },
  {
    pattern: /NoIpAddress|waiting for.*ip address.*timeout/i,
    sentence: "The VM started but got no address on the network in time.",
  },
  {
    pattern: /DomainVolumeExists|volume for domain is already created|storage volume.* exists already/i,
    sentence: "A disk of an earlier VM of this name is still there. Destroy the VM, then create it again.",
  },
  {
    pattern: /DomainNameExists|is already taken|domain .* already exists/i,
    sentence: "A machine of this name exists on the host already.",
  },
  {
    pattern: /CPU (mode|model)|guest CPU (is not compatible|doesn't match)/i,
    sentence: "The host's processor does not offer what this VM asks for.",
  },
];

/** `errorClass` is the class Vagrant names in its machine-readable output, when it got that far. */
export function explainFailure(errorClass: string | null, text: string): string {
  const whole = `${errorClass ?? ""}\n${text}`;
  return (
    explanations.find(({ pattern }) => pattern.test(whole))?.sentence ??
    "Vagrant or libvirt reported a failure; the details say more."
  );
}
