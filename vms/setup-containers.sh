#!/bin/sh
# Makes this host able to run machines as containers: Podman with runc, and the image of the lab container.
# Usage: sh vms/setup-containers.sh [--yes]   Debian and Ubuntu; safe to run again. Exit code 3: not possible on such a machine.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
packages="podman runc netavark iptables busybox-static dropbear-bin"

say() { printf '%s\n' "$*"; }
fail() {
  say "setup:containers: $*" >&2
  exit 1
}
unsupported() {
  say "setup:containers: $*" >&2
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

[ "$(uname -s)" = Linux ] || unsupported "containers need Linux"
command -v apt-get >/dev/null || unsupported "only Debian and Ubuntu are known here; see docs/virtualization.md"

root=
net_admin_bit=12
if [ "$(id -u)" != 0 ]; then
  command -v sudo >/dev/null || fail "run this as root, or install sudo"
  root=sudo
elif [ $((0x$(sed -n 's/^CapEff:[[:space:]]*//p' /proc/self/status) >> net_admin_bit & 1)) = 0 ]; then
  unsupported "this container may not make networks (it lacks CAP_NET_ADMIN)"
fi
user=$(id -un)
if [ "$user" = root ]; then user=$(stat -c %U "$here"); fi
id "$user" >/dev/null 2>&1 || user=root

todo=
for package in $packages; do
  dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || todo="$todo $package"
done
if [ -n "$todo" ]; then
  say "To install:$todo"
  if [ -z "$yes" ]; then
    printf 'Go on? [y/N] '
    read -r answer
    case $answer in y | Y | yes) ;; *) fail "nothing was changed" ;; esac
  fi
  $root apt-get update -q=2 >/dev/null || true
  # Older systems have Podman without netavark; its own plugins do there.
  apt-cache show netavark >/dev/null 2>&1 || todo=$(printf '%s' "$todo" | sed 's/ netavark/ containernetworking-plugins/')
  # shellcheck disable=SC2086
  $root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q=2 --no-install-recommends $todo >/dev/null
fi

as_user() {
  if [ "$(id -u)" = 0 ] && [ "$user" != root ]; then runuser -u "$user" -- "$@"; else "$@"; fi
}
as_user sh "$here/container/build.sh"

say ""
say "Machines can be containers now."
say "  podman         $(dpkg-query -W -f '${Version}' podman)"
say "  lab container  $(cat "$here/container/out/version")"
say "Next: TWARGA_DRIVER=container npm start   (as root, or with TWARGA_CONTAINER_SOCKET)"
