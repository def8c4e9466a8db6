#!/bin/sh
# Tells whether KVM really runs guests here, by booting the lab box under it for a moment. Prints one line of JSON;
# with a file name it also keeps it there. A /dev/kvm that exists and answers may still hang every guest (nested hosts).
set -eu

here=$(cd "$(dirname "$0")" && pwd)
out=$here/out
keep=${1:-}
# Emulation needs 3 s for the same; real KVM less than one.
limit=12

answer() {
  line=$(printf '{"works":%s,"reason":"%s","kernel":"%s","atMs":%s000}' "$1" "$2" "$(uname -r)" "$(date +%s)")
  echo "$line"
  if [ -n "$keep" ]; then
    echo "$line" >"$keep.new"
    mv "$keep.new" "$keep"
  fi
  exit 0
}

[ -e /dev/kvm ] || answer false "there is no /dev/kvm"
[ -r /dev/kvm ] && [ -w /dev/kvm ] || answer false "this user may not use /dev/kvm (group kvm)"
if ! command -v qemu-system-x86_64 >/dev/null || [ ! -s "$out/initrd" ]; then
  echo "probe-kvm: needs QEMU and a built lab box" >&2
  exit 1
fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT
timeout -k 1 "$limit" qemu-system-x86_64 -accel kvm -cpu host -m 256 -nodefaults -no-reboot -display none \
  -serial stdio -kernel "$out/vmlinuz" -initrd "$out/initrd" -append "console=ttyS0 quiet twarga.probe" \
  </dev/null >"$log" 2>&1 || true
if grep -q TWARGA-PROBE-OK "$log"; then answer true "a guest booted under KVM"; fi
answer false "/dev/kvm is there, but a guest did not boot under it within $limit s"
