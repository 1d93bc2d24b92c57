# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: Apache-2.0
#
# Parts of framework/setup/engine: a Docker whose packages are unpacked in BERTH_ENGINE_PACKAGES (the installed one, when that
# is empty). BERTH_ENGINE_MEMBERS are more members of daemon.json, each after a comma.
daemon_members=${BERTH_ENGINE_MEMBERS:-}

if [ -n "${BERTH_ENGINE_PACKAGES:-}" ]; then
    # First, so that the daemon finds its own proxy and init, and containerd its own shim.
    PATH=$BERTH_ENGINE_PACKAGES/usr/sbin:$BERTH_ENGINE_PACKAGES/usr/bin:$PATH
    # The folder of this machine's libraries is in here as well only where a library is missing on the machine.
    for libraries in "$BERTH_ENGINE_PACKAGES"/usr/lib/*-linux-gnu; do
        if [ -d "$libraries" ]; then engine_libraries=$libraries; fi
    done
    install_engine() {
        local missing=() tool
        for tool in iptables:iptables ip:iproute2 curl:curl; do
            command -v "${tool%:*}" >/dev/null || missing+=("${tool#*:}")
        done
        [ ${#missing[@]} = 0 ] || "$here/install-dependencies" --only "${missing[@]}"
        [ -z "${engine_libraries:-}" ] || export LD_LIBRARY_PATH=$engine_libraries
    }
fi
