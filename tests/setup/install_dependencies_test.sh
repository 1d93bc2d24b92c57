#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# install-dependencies says nothing when all is there, and lists the packages where it cannot install them.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
install=$root/framework/setup/install-dependencies
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() { echo "FAILED: $*"; exit 1; }
expect() { [ "$2" = "$3" ] || fail "$1: expected '$2', got '$3'"; }
run() { status=0; "$@" >"$work/out" 2>"$work/error" || status=$?; }

run "$install"
expect "status when all is there" 0 "$status"
expect "words when all is there" "" "$(cat "$work/out" "$work/error")"

printf 'ID=plan9\nPRETTY_NAME="Plan 9"\n' >"$work/os-release"
BERTH_OS_RELEASE=$work/os-release run "$install" --only cmake curl
expect "status on another system" 1 "$status"
expect "words on another system" "install-dependencies: Plan 9 is neither Debian nor Ubuntu; install these by hand (names as in Debian 12):
  cmake                configures the build
  curl                 asks the engine" "$(cat "$work/error")"
expect "nothing else is said" "" "$(cat "$work/out")"

BERTH_OS_RELEASE=$work/os-release run "$install" --tests
expect "status on another system" 1 "$status"
for package in g++ cmake ninja-build libpoco-dev libyaml-cpp-dev libarchive-dev libspdlog-dev libre2-dev libgtest-dev libpq-dev libhiredis-dev; do
    grep -q "^  $package  *[a-zA-Z]" "$work/error" || fail "'$package' is not in the list: $(cat "$work/error")"
done

printf 'ID=mint\nID_LIKE="ubuntu debian"\n' >"$work/os-release"
BERTH_OS_RELEASE=$work/os-release run "$install" --only cmake
expect "status on a relative of Debian" 0 "$status"

run "$install" --fly
expect "status of an unknown argument" 64 "$status"
expect "words of an unknown argument" "install-dependencies: unknown argument '--fly'; try --help" "$(cat "$work/error")"

# Neither root nor sudo: the command to run is said. (A package that no machine has; apt is not reached.)
mkdir "$work/bin"
for tool in bash id dpkg-query grep awk sed cat dirname env; do ln -s "$(command -v "$tool")" "$work/bin/$tool"; done
printf '#!/bin/bash\necho 1000\n' >"$work/id"
chmod +x "$work/id"
mv -f "$work/id" "$work/bin/id"
sed "s|^PATH=.*|PATH=$work/bin|" "$install" >"$work/install-dependencies"
PRETTY_NAME=$(. /etc/os-release; echo "$PRETTY_NAME")
run bash "$work/install-dependencies" --only berth-no-such-package
expect "status without root and sudo" 77 "$status"
expect "words without root and sudo" "install-dependencies: 1 to install on $PRETTY_NAME:
  berth-no-such-package asked for
install-dependencies: neither root nor sudo is at hand; as root, run:
  apt-get update && apt-get install -y --no-install-recommends berth-no-such-package" "$(cat "$work/out" "$work/error")"

echo "passed"
