#!/bin/sh
# Builds the offline lab box (kernel, initrd, Vagrant box) from Debian packages into out/. Needs no root.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
out=$here/out
cache=$out/cache
guest=$here/guest
modules="virtio_ring virtio virtio_pci_modern_dev virtio_pci_legacy_dev virtio_pci virtio-rng virtio_blk
  failover net_failover virtio_net virtio_balloon button evdev"
# Programs copied with the shared libraries they name.
programs="/usr/sbin/dropbear /usr/bin/dropbearkey /sbin/mke2fs /sbin/e2fsck /sbin/resize2fs"

fail() {
  echo "lab box: $1" >&2
  exit 1
}

[ "$(uname -m)" = x86_64 ] || fail "only amd64 machines are supported"
command -v busybox >/dev/null || fail "busybox is missing: apt-get install busybox-static"
[ -x /usr/sbin/dropbear ] || fail "dropbear is missing: apt-get install dropbear-bin"
[ -x /sbin/mke2fs ] || fail "mke2fs is missing: apt-get install e2fsprogs"
command -v qemu-img >/dev/null || fail "qemu-img is missing: apt-get install qemu-utils"
busybox=$(command -v busybox)
if ldd "$busybox" >/dev/null 2>&1; then fail "busybox is not static: apt-get install busybox-static"; fi

kernel_package() {
  apt-cache depends linux-image-cloud-amd64 2>/dev/null | sed -n 's/^ *Depends: \(linux-image-[0-9][^ ]*\)$/\1/p' | head -n 1
}

# Without package lists (no network) the kernel of the last build is good enough.
package=$(kernel_package)
deb=
if [ -n "$package" ]; then
  version=$(apt-cache show --no-all-versions "$package" | sed -n 's/^Version: //p' | head -n 1)
  deb=$cache/${package}_$(echo "$version" | tr : _).deb
else
  for old in "$cache"/linux-image-*.deb; do
    if [ -f "$old" ]; then deb=$old; fi
  done
  [ -n "$deb" ] || fail "the package linux-image-cloud-amd64 is not known here: apt-get update"
fi

# What the box is made of, as one hash: the same inputs are never built twice.
libraries() {
  # shellcheck disable=SC2086
  ldd $programs | grep -o '/[^ :]*\.so[^ ]*' | sort -u
}
hash=$({
  echo "$(basename "$deb")"
  # shellcheck disable=SC2086,SC2046
  cat "$0" "$busybox" $programs $(libraries)
  cd "$guest" && find . -type f -exec cat {} + && find . | LC_ALL=C sort
} | sha256sum | cut -c1-12)

if [ "$(cat "$out/version" 2>/dev/null || true)" = "$hash" ] && [ -s "$out/lab.box" ] && [ -s "$out/vmlinuz" ] && [ -s "$out/initrd" ]; then
  echo "lab box $hash is up to date: $out"
  exit 0
fi

mkdir -p "$cache"
work=$(mktemp -d "$out/build.XXXXXX")
trap 'rm -rf "$work"' EXIT INT TERM

if [ ! -s "$deb" ]; then
  echo "lab box: fetching $package"
  (cd "$work" && apt-get download -q=2 "$package" >/dev/null 2>"$work/apt.log") || fail "cannot fetch $package: $(cat "$work/apt.log")"
  mv "$work"/linux-image-*.deb "$deb"
fi
for old in "$cache"/*.deb; do
  [ "$old" = "$deb" ] || rm -f "$old"
done

echo "lab box: unpacking the kernel"
dpkg-deb --fsys-tarfile "$deb" | tar -x -C "$work" --wildcards --no-same-owner './boot/vmlinuz-*' \
  './lib/modules/*/kernel/drivers/*' './lib/modules/*/kernel/net/core/*'
root=$work/root
mkdir -p "$root/bin" "$root/sbin" "$root/usr/bin" "$root/usr/sbin" "$root/lib" "$root/lib64" "$root/modules" \
  "$root/proc" "$root/sys" "$root/dev" "$root/mnt" "$root/etc"
for module in $modules; do
  found=$(find "$work/lib/modules" -name "$module.ko" | head -n 1)
  # A module that a later kernel has built in is no loss.
  if [ -n "$found" ]; then cp "$found" "$root/modules/"; fi
done

cp -R "$guest/root/." "$root/"
cp "$guest/init" "$root/init"
cp "$busybox" "$root/bin/busybox"
for applet in $("$busybox" --list); do
  if [ ! -e "$root/bin/$applet" ]; then ln -s busybox "$root/bin/$applet"; fi
done
for applet in init getty syslogd acpid udhcpc ifconfig route; do
  ln -sf ../bin/busybox "$root/sbin/$applet"
done
# Its own copy, because set-user-id belongs to this one applet alone.
cp "$busybox" "$root/sbin/su"
for program in $programs; do
  cp "$program" "$root/usr/sbin/"
done
for library in $(libraries); do
  mkdir -p "$root$(dirname "$library")"
  cp -L "$library" "$root$library"
done
echo "$hash" >"$root/etc/box-version"
find "$root" -type d -exec chmod 755 {} +
chmod -R go-w "$root"
chmod 4755 "$root/sbin/su"
chmod 640 "$root/etc/shadow"

echo "lab box: packing"
(cd "$root" && find . | LC_ALL=C sort | "$busybox" cpio -o -H newc -R 0:0 2>/dev/null) | gzip -n -6 >"$work/initrd"
cp "$work"/boot/vmlinuz-* "$work/vmlinuz"
qemu-img create -q -f qcow2 "$work/box.img" 1G
printf '{"provider":"libvirt","format":"qcow2","virtual_size":1}\n' >"$work/metadata.json"
cp "$here/Vagrantfile.box" "$work/Vagrantfile"
tar -C "$work" -czf "$work/lab.box" metadata.json Vagrantfile box.img vmlinuz initrd

for file in vmlinuz initrd lab.box; do
  chmod 644 "$work/$file"
  mv "$work/$file" "$out/$file"
done
# Last: its presence says that the files belong together.
echo "$hash" >"$out/version"
echo "lab box $hash is ready: $out"
