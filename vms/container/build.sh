#!/bin/sh
# Builds the root file system of the lab container from Debian packages into out/: the userland of the lab box, without a kernel. Needs no root.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
out=$here/out
guest=$here/../lab-box/guest/root
programs="/usr/sbin/dropbear /usr/bin/dropbearkey"

fail() {
  echo "lab container: $1" >&2
  exit 1
}

command -v busybox >/dev/null || fail "busybox is missing: apt-get install busybox-static"
[ -x /usr/sbin/dropbear ] || fail "dropbear is missing: apt-get install dropbear-bin"
busybox=$(command -v busybox)
if ldd "$busybox" >/dev/null 2>&1; then fail "busybox is not static: apt-get install busybox-static"; fi

libraries() {
  # shellcheck disable=SC2086
  ldd $programs | grep -o '/[^ :]*\.so[^ ]*' | sort -u
}
hash=$({
  # shellcheck disable=SC2086,SC2046
  cat "$0" "$here/init" "$busybox" $programs $(libraries)
  cd "$guest" && find . -type f -exec cat {} + && find . | LC_ALL=C sort
} | sha256sum | cut -c1-12)

if [ "$(cat "$out/version" 2>/dev/null || true)" = "$hash" ] && [ -s "$out/lab.tar" ]; then
  echo "lab container $hash is up to date: $out"
  exit 0
fi

mkdir -p "$out"
work=$(mktemp -d "$out/build.XXXXXX")
trap 'rm -rf "$work"' EXIT INT TERM
root=$work/root
mkdir -p "$root/bin" "$root/sbin" "$root/usr/bin" "$root/usr/sbin" "$root/lib" "$root/lib64" "$root/etc" \
  "$root/proc" "$root/sys" "$root/dev" "$root/run" "$root/root" "$root/var/log" "$root/home/vagrant" "$root/tmp"
cp -R "$guest/." "$root/"
cp "$here/init" "$root/sbin/container-init"
cp "$busybox" "$root/bin/busybox"
for applet in $("$busybox" --list); do
  if [ ! -e "$root/bin/$applet" ]; then ln -s busybox "$root/bin/$applet"; fi
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
ln -s ../run "$root/var/run"
: >"$root/var/log/lastlog"
echo "$hash" >"$root/etc/box-version"
find "$root" -type d -exec chmod 755 {} +
chmod -R go-w "$root"
chmod 1777 "$root/tmp"
chmod 755 "$root/sbin/container-init"
chmod 4755 "$root/sbin/su"
chmod 640 "$root/etc/shadow"

# The home last and with its owner; everything else is root's.
tar -C "$root" --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner --exclude=./home/vagrant -cf "$work/lab.tar" .
tar -C "$root" --mtime=@0 --owner=1000 --group=1000 --numeric-owner -rf "$work/lab.tar" ./home/vagrant
mv "$work/lab.tar" "$out/lab.tar"
# Last: its presence says that the archive is whole.
echo "$hash" >"$out/version"
echo "lab container $hash is ready: $out"
