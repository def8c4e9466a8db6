#!/bin/sh
# Makes this host able to run real VMs: packages, daemons, pool, network, the lab box, and the truth about KVM.
# Usage: sh vms/setup-vm.sh [--yes]   Debian and Ubuntu; safe to run again. Exit code 3: not possible on such a machine.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
uri=qemu:///system
packages="vagrant vagrant-libvirt libvirt-daemon-system libvirt-clients qemu-system-x86 qemu-utils
  dnsmasq-base iproute2 iptables seabios busybox-static dropbear-bin openssh-client e2fsprogs
  mmdebstrap fakechroot fakeroot"

say() { printf '%s\n' "$*"; }
fail() {
  say "setup:vm: $*" >&2
  exit 1
}

unsupported() {
  say "setup:vm: $*" >&2
  exit 3
}

yes=
for argument in "$@"; do
  case $argument in
    --yes | -y) yes=1 ;;
    --help | -h)
      sed -n '2,3s/^# //p' "$0"
      exit 0
      ;;
    *) fail "unknown option $argument (there is only --yes)" ;;
  esac
done

[ "$(uname -s)" = Linux ] || unsupported "real VMs need Linux; elsewhere the simulated driver is used"
[ "$(uname -m)" = x86_64 ] || unsupported "real VMs need an amd64 machine"
command -v apt-get >/dev/null || unsupported "only Debian and Ubuntu are known here; see docs/virtualization.md"

root=
net_admin_bit=12
if [ "$(id -u)" != 0 ]; then
  command -v sudo >/dev/null || fail "run this as root, or install sudo"
  root=sudo
elif [ $((0x$(sed -n 's/^CapEff:[[:space:]]*//p' /proc/self/status) >> net_admin_bit & 1)) = 0 ]; then
  unsupported "this container may not make networks (it lacks CAP_NET_ADMIN)"
fi
# Who will run the server: whoever calls this, or, for root, the owner of the project's folder.
user=$(id -un)
if [ "$user" = root ]; then user=$(stat -c %U "$here"); fi
id "$user" >/dev/null 2>&1 || user=root

missing() {
  for package in $packages; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || printf '%s ' "$package"
  done
}
todo=$(missing)
case " $todo" in
  *" vagrant "*)
    # Debian 13 and Ubuntu 24.04 dropped Vagrant; a package of its maker would not see Debian's libvirt plugin.
    apt-cache show vagrant >/dev/null 2>&1 || $root apt-get update -q=2 >/dev/null 2>&1 || true
    apt-cache show vagrant >/dev/null 2>&1 ||
      unsupported "this release has no package vagrant; Debian 12 and Ubuntu 22.04 have. The simulated driver works everywhere"
    ;;
esac

say "This will, on this host:"
if [ -n "$todo" ]; then
  say "  - install by apt-get: $todo"
else
  say "  - install nothing: every package is there"
fi
say "  - start libvirt, its storage pool 'default' and its network 'vagrant-libvirt' (192.168.121.0/24)"
if [ "$user" != root ]; then say "  - add $user to the groups libvirt and kvm"; fi
say "  - build the lab box in vms/lab-box/out and boot it once to see whether KVM works"
if [ -z "$yes" ]; then
  [ -t 0 ] || fail "nobody to ask: run it with --yes"
  printf 'Go on? [y/N] '
  read -r reply
  case $reply in
    y | Y | yes) ;;
    *) fail "nothing was done" ;;
  esac
fi

if [ -n "$todo" ]; then
  say "Installing packages ..."
  $root apt-get update -q=2 || say "  (package lists could not be refreshed; going on with what is there)"
  # shellcheck disable=SC2086
  $root env DEBIAN_FRONTEND=noninteractive apt-get install -q=2 --no-install-recommends -y $todo >/dev/null ||
    fail "apt-get could not install: $todo"
fi

libvirt_answers() { $root virsh -q -c "$uri" version >/dev/null 2>&1; }
start_libvirt() {
  if [ -d /run/systemd/system ]; then
    $root systemctl enable --now libvirtd.socket >/dev/null 2>&1 || $root systemctl enable --now libvirtd >/dev/null 2>&1 || true
  else
    # No systemd, as in a container: the daemons put themselves into the background. Libvirt asks polkit, over the
    # system bus, whether the group libvirt may use it; it looks for the bus once, so that comes first.
    if [ ! -S /run/dbus/system_bus_socket ]; then
      $root mkdir -p /run/dbus
      $root dbus-daemon --system --fork || true
    fi
    pidof virtlogd >/dev/null || $root virtlogd -d || true
    pidof libvirtd >/dev/null || $root libvirtd -d || true
  fi
}
if ! libvirt_answers; then
  say "Starting libvirt ..."
  start_libvirt
  tries=0
  until libvirt_answers; do
    tries=$((tries + 1))
    [ "$tries" -lt 30 ] || fail "libvirt does not answer at $uri; see its log (journalctl -u libvirtd)"
    sleep 0.5
  done
fi

virsh_root() { $root virsh -q -c "$uri" "$@"; }
if ! virsh_root pool-info default >/dev/null 2>&1; then
  virsh_root pool-define-as default dir --target /var/lib/libvirt/images >/dev/null
  virsh_root pool-build default >/dev/null
fi
virsh_root pool-info default | grep -q '^State: *running' || virsh_root pool-start default >/dev/null
virsh_root pool-autostart default >/dev/null
virsh_root net-info vagrant-libvirt >/dev/null 2>&1 || virsh_root net-define "$here/templates/network.xml" >/dev/null
virsh_root net-info vagrant-libvirt | grep -q '^Active: *yes' || virsh_root net-start vagrant-libvirt >/dev/null
virsh_root net-autostart vagrant-libvirt >/dev/null

relogin=
if [ "$user" != root ]; then
  for group in libvirt kvm; do
    if getent group "$group" >/dev/null && ! id -nG "$user" | tr ' ' '\n' | grep -qx "$group"; then
      $root usermod -aG "$group" "$user"
      relogin=1
    fi
  done
fi

# Built by the one who runs the server, so that no file in the project belongs to root.
as_user() {
  if [ "$(id -u)" = 0 ] && [ "$user" != root ]; then runuser -u "$user" -- "$@"; else "$@"; fi
}
as_user sh "$here/lab-box/build.sh"

vms_dir=${TWARGA_HOME:+$TWARGA_HOME/vms}
vms_dir=${vms_dir:-$here}
as_user mkdir -p "$vms_dir"
say "Booting the lab box once under KVM ..."
# As root: the new group counts only after the next login, and QEMU of libvirt runs with its own rights anyway.
verdict=$($root sh "$here/lab-box/probe-kvm.sh" "$vms_dir/.kvm-probe.json")
if [ "$user" != root ]; then $root chown "$user" "$vms_dir/.kvm-probe.json"; fi

$root sh "$here/lab-box/prune.sh" "$vms_dir" || say "  (leftovers of earlier lab boxes could not be removed; they only take space)"

say ""
say "Real VMs can be used now."
say "  vagrant    $(dpkg-query -W -f '${Version}' vagrant), vagrant-libvirt $(dpkg-query -W -f '${Version}' vagrant-libvirt)"
say "  libvirt    answers at $uri"
say "  lab box    $(cat "$here/lab-box/out/version")"
case $verdict in
  *'"works":true'*) say "  KVM        works: VMs run at full speed" ;;
  *) say "  KVM        $(printf '%s' "$verdict" | sed 's/.*"reason":"\([^"]*\)".*/\1/'): VMs run by software emulation, slower" ;;
esac
if [ -n "$relogin" ]; then say "Log out and in again, so that $user's new groups count. Then: npm start"; else say "Next: npm start"; fi
