#!/bin/sh
# Removes what earlier builds of the lab box left on this host and nothing uses: volumes in libvirt's pool, Vagrant boxes.
# Usage: sh prune.sh VMS_DIR   Kept: the box of out/version, whatever a domain, a disk or a VM folder names, the last hour's.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
vms_dir=$1
pool=default
min_age_s=3600
current=twarga-lab-$(cat "$here/out/version")

virsh_system() { virsh -q -c qemu:///system "$@"; }
# One line per box, `twarga-lab-` and its hash; the rest of a name says which part of the box it is.
boxes_in() { grep -o 'twarga-lab-[0-9a-f]\{12\}' | sort -u; }

volumes=$(virsh_system vol-list "$pool" | sed -n 's/^ *\(twarga-lab-[0-9a-f]\{12\}[-_][^ ]*\) .*/\1/p' | grep -v "^$current" || true)
folders=$(find "$vms_dir/.vagrant.d/boxes" -mindepth 1 -maxdepth 1 -name 'twarga-lab-*' ! -name "$current" 2>/dev/null || true)
[ -n "$volumes$folders" ] || exit 0

used_by_host() {
  for domain in $(virsh_system list --all --uuid); do
    virsh_system dumpxml --inactive "$domain" 2>/dev/null || true
    virsh_system dumpxml "$domain" 2>/dev/null || true
  done
  # A disk of a VM lies on the base disk of its box.
  virsh_system vol-list "$pool" | while read -r volume _; do
    virsh_system vol-dumpxml --pool "$pool" "$volume" 2>/dev/null | sed -n '/<backingStore>/,/<\/backingStore>/p'
  done
}
used=$({
  used_by_host
  cat "$vms_dir"/user*/machine.json 2>/dev/null || true
} | boxes_in || true)
is_used() { printf '%s\n' "$used" | grep -qx "$1"; }

now=$(date +%s)
# Another installation may be about to use what it has just uploaded.
is_recent() {
  changed=$(virsh_system vol-dumpxml --pool "$pool" "$1" | sed -n 's/^ *<mtime>\([0-9]*\).*/\1/p')
  [ $((now - ${changed:-$now})) -lt "$min_age_s" ]
}

removed=0
for volume in $volumes; do
  if is_used "$(echo "$volume" | boxes_in)" || is_recent "$volume"; then continue; fi
  virsh_system vol-delete --pool "$pool" "$volume" >/dev/null && removed=$((removed + 1))
done
printf '%s\n' "$folders" | while read -r folder; do
  if [ -n "$folder" ] && ! is_used "$(basename "$folder")"; then rm -rf "$folder"; fi
done
[ "$removed" = 0 ] || echo "lab box: removed $removed volumes of earlier builds"
