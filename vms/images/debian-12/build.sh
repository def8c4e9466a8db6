#!/bin/sh
# Builds a Debian 12 box for libvirt from Debian packages, without root rights, mounts or loop devices.
# Usage: sh build.sh OUT_DIR   Leaves OUT_DIR/debian-12.box and OUT_DIR/version. Lines "== 40 text" tell how far it is.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "${1:?usage: build.sh OUT_DIR}"
out=$(cd "$1" && pwd)
cache=$out/cache
# The file system grows to the size of the machine at its first boot.
disk_size=2G
# Of the guest; what Debian calls required comes by itself.
packages=systemd,systemd-sysv,udev,dbus,kmod,openssh-server,rsyslog,logrotate,qemu-guest-agent
packages=$packages,sudo,iproute2,iputils-ping,procps,less,nano,ca-certificates,netbase,e2fsprogs
# Of the kernel, for the disk to be found; the running guest loads the others itself.
modules="virtio_ring virtio virtio_pci_modern_dev virtio_pci_legacy_dev virtio_pci virtio-rng virtio_blk"

fail() {
  echo "debian-12: $1" >&2
  exit 1
}
step() { echo "== $1 $2"; }

[ "$(uname -m)" = x86_64 ] || fail "only amd64 machines are supported"
need() { command -v "$1" >/dev/null || fail "$1 is missing: apt-get install $2"; }
need mmdebstrap mmdebstrap
need fakeroot fakeroot
need fakechroot fakechroot
need mke2fs e2fsprogs
need qemu-img qemu-utils
need busybox busybox-static
need flock util-linux
busybox=$(command -v busybox)
if ldd "$busybox" >/dev/null 2>&1; then fail "busybox is not static: apt-get install busybox-static"; fi

exec 9>"$out/lock"
flock -n 9 || fail "another build is at work in $out"
# What a build that was killed has left.
rm -rf "$out"/build.*

keyring=/usr/share/keyrings/debian-archive-keyring.gpg
[ -r "$keyring" ] || fail "Debian's keys are missing: apt-get install debian-archive-keyring"
# On a Debian 12 its own sources, e.g. a mirror of the school; elsewhere Debian's.
sources=
if grep -q '^VERSION_CODENAME=bookworm' /etc/os-release && grep -q '^ID=debian' /etc/os-release; then
  for file in /etc/apt/sources.list.d/debian.sources /etc/apt/sources.list; do
    if [ -z "$sources" ] && [ -s "$file" ]; then sources=$file; fi
  done
fi

hash=$({
  echo "$packages $modules $disk_size $(date +%Y-%m)"
  cat "$0" "$busybox"
  cd "$here/guest" && find . -type f -exec cat {} + && find . | LC_ALL=C sort
} | sha256sum | cut -c1-12)
if [ "$(cat "$out/version" 2>/dev/null || true)" = "$hash" ] && [ -s "$out/debian-12.box" ]; then
  step 100 "debian-12 $hash is up to date"
  exit 0
fi

mkdir -p "$cache"
work=$(mktemp -d "$out/build.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP

# By a hook, outside of the guest, with "$1" its root: the kernel's modules, our files, the user, what starts at boot.
cat >"$work/customize" <<HOOK
set -eu
root=\$1
for deb in "\$root"/var/cache/apt/archives/*.deb; do
  if [ -f "\$deb" ]; then mv "\$deb" "$cache/"; fi
done
export APT_CONFIG="\$MMDEBSTRAP_APT_CONFIG"
kernel=\$(apt-cache depends linux-image-cloud-amd64 | sed -n 's/^ *Depends: \(linux-image-[0-9][^ ]*\)\$/\1/p' | head -n 1)
(mkdir -p "$cache/kernel" && cd "$cache/kernel" && apt-get download -q=2 "\$kernel")
deb=\$(ls -t "$cache/kernel/\$kernel"_*.deb | head -n 1)
dpkg-deb --fsys-tarfile "\$deb" >"$work/kernel.tar"
tar -x -f "$work/kernel.tar" -C "\$root" --keep-directory-symlink --no-same-owner ./lib/modules
tar -x -f "$work/kernel.tar" -C "$work" --no-same-owner --wildcards './boot/vmlinuz-*'
chroot "\$root" depmod "\${kernel#linux-image-}"
mkdir "$work/modules"
for module in $modules; do
  found=\$(find "\$root/usr/lib/modules" -name "\$module.ko" | head -n 1)
  # A module that a later kernel has built in is no loss.
  if [ -n "\$found" ]; then cp "\$found" "$work/modules/"; fi
done
cp -R "$here/guest/." "\$root/"
chmod 755 "\$root"/usr/local/lib/twarga/*
chmod 440 "\$root/etc/sudoers.d/vagrant"
chroot "\$root" useradd --create-home --shell /bin/bash --uid 1000 --groups adm,systemd-journal vagrant
chroot "\$root" systemctl enable -q systemd-networkd ssh rsyslog twarga-guest twarga-dns.path
# What a machine of an hour has no use for, and what costs a slow one its first minute.
chroot "\$root" systemctl mask -q apt-daily.timer apt-daily-upgrade.timer e2scrub_reap.service e2scrub_all.timer \\
  dpkg-db-backup.timer fstrim.timer systemd-networkd-wait-online.service systemd-pstore.service \\
  modprobe@configfs.service modprobe@drm.service modprobe@efi_pstore.service modprobe@dm_mod.service \\
  sys-kernel-debug.mount sys-kernel-tracing.mount sys-kernel-config.mount dev-hugepages.mount
rm -f "\$root"/etc/ssh/ssh_host_*
: >"\$root/etc/machine-id"
echo $hash >"\$root/etc/box-version"
HOOK

step 5 "Installing Debian 12 into a folder"
# Mounts nothing, so neither the host's /dev nor anything else of it is touched. TMPDIR: a build that is killed leaves nothing elsewhere.
# shellcheck disable=SC2086
TMPDIR=$work mmdebstrap --mode=fakechroot --variant=minbase --include="$packages" \
  --aptopt='APT::Install-Recommends "false"' --aptopt='Acquire::Languages "none"' \
  --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
  --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-include=/usr/share/doc/*/copyright' \
  --dpkgopt=force-unsafe-io --skip=essential/unlink \
  --setup-hook="mkdir -p \"\$1/var/cache/apt/archives\"; cp '$cache'/*.deb \"\$1/var/cache/apt/archives/\" 2>/dev/null || true" \
  --customize-hook="sh '$work/customize' \"\$1\"" \
  bookworm "$work/root.tar" $sources 2>&1

step 75 "Making the disk"
# fakeroot keeps the owners of the archive in mind, so that mke2fs writes them.
mkdir "$work/root"
fakeroot sh -c "tar -x -f '$work/root.tar' -C '$work/root' && \
  mke2fs -q -t ext4 -L debian-12 -m 1 -d '$work/root' -E root_owner=0:0 '$work/disk' ${disk_size}"
rm -rf "$work/root.tar" "$work/root"
qemu-img convert -c -f raw -O qcow2 "$work/disk" "$work/box.img"
rm "$work/disk"

step 90 "Packing"
initrd=$work/initrd.d
mkdir -p "$initrd/bin" "$initrd/modules" "$initrd/proc" "$initrd/sys" "$initrd/dev" "$initrd/mnt"
cp "$busybox" "$initrd/bin/busybox"
cp "$work"/modules/*.ko "$initrd/modules/"
cp "$here/init" "$initrd/init"
chmod 755 "$initrd/init"
(cd "$initrd" && find . | LC_ALL=C sort | "$busybox" cpio -o -H newc -R 0:0 2>/dev/null) | gzip -n -6 >"$work/initrd"
cp "$work"/boot/vmlinuz-* "$work/vmlinuz"
printf '{"provider":"libvirt","format":"qcow2","virtual_size":%d}\n' "${disk_size%G}" >"$work/metadata.json"
cp "$here/Vagrantfile.box" "$work/Vagrantfile"
chmod 644 "$work/vmlinuz" "$work/initrd" "$work/box.img"
tar -C "$work" -cf "$work/debian-12.box" metadata.json Vagrantfile box.img vmlinuz initrd
# Packages of releases gone by are not kept.
find "$cache" -name '*.deb' -mtime +60 -delete
mv "$work/debian-12.box" "$out/debian-12.box"
# Last: its presence says that the box is whole.
echo "$hash" >"$out/version"
step 100 "debian-12 $hash is ready: $out"
