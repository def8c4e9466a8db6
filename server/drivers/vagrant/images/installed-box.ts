/** A box in its place for `vagrant up`, and how a machine of it is booted and first entered. */
export interface InstalledBox {
  /** As Vagrant knows it. */
  readonly name: string;
  readonly sshUser: string;
  /** What Vagrant may run commands with: `sh` where there is no bash. */
  readonly sshShell: string;
  /** Null for a disk that boots by itself. */
  readonly kernel: DirectKernel | null;
  /**
   * How the machine's own key gets in. `kernel-command-line`: the guest takes `twarga.name=` and `twarga.key=` from
   * there at every boot. `insecure-key`: the box admits Vagrant's published keys, which the first boot must replace.
   */
  readonly firstKey: "kernel-command-line" | "insecure-key";
}

export interface DirectKernel {
  /** Both lie in libvirt's pool, where QEMU can read them. */
  readonly kernelPath: string;
  readonly initrdPath: string;
  /** In front of the words of the machine. */
  readonly arguments: string;
}
