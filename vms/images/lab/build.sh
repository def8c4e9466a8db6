#!/bin/sh
# Builds the lab box where it belongs: beside its sources.
set -eu
exec sh "$(dirname "$0")/../../lab-box/build.sh"
