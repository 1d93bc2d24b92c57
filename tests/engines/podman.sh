# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: Apache-2.0
#
# Parts of framework/setup/engine: Podman's API service, its packages unpacked in BERTH_ENGINE_PACKAGES.
#
# It runs in a mount namespace of its own as well: Podman mounts containers for good, and keeps locks in /dev/shm and networks
# in /run/netns for all of a machine. What the service finds of its own comes from files below $dir: what the machine says of registries, storage or
# defaults is of no account.
engine_programs="podman conmon netavark aardvark-dns runc tini-static catatonit"

install_engine() {
    local missing=() tool
    for tool in iptables:iptables ip:iproute2 curl:curl; do
        command -v "${tool%:*}" >/dev/null || missing+=("${tool#*:}")
    done
    [ ${#missing[@]} = 0 ] || "$here/install-dependencies" --only "${missing[@]}"
}

# limit OPTION MOST: not more than we may give away; without CAP_SYS_RESOURCE Podman's own defaults make every container fail.
limit() {
    local most
    most=$(ulimit -H "$1")
    if [ "$most" = unlimited ] || [ "$most" -gt "$2" ]; then most=$2; fi
    echo "$most"
}

launch_engine() {
    local packages=$BERTH_ENGINE_PACKAGES runc libraries files processes
    runc=$(PATH=$packages/usr/sbin:$packages/usr/bin:$PATH command -v runc) || die 1 "there is no runc"
    libraries=$(printf '%s\n' "$packages"/usr/lib/*-linux-gnu | head -n 1)
    files=$(limit -n 1048576)
    # Podman lowers its own limit to the largest process id, so that it cannot give away more than that.
    processes=$(limit -u "$(cat /proc/sys/kernel/pid_max)")
    mkdir -p "$dir/data/home/.config/containers" "$dir/data/tmp" "$dir/data/networks" "$dir/exec/libpod" "$dir/exec/runc"
    echo '{ "default": [ { "type": "insecureAcceptAnything" } ] }' >"$dir/data/home/.config/containers/policy.json"
    # Loopback is where a Docker engine, too, does without TLS.
    cat >"$dir/data/home/registries.conf" <<END
unqualified-search-registries = ["docker.io"]
short-name-mode = "permissive"
[[registry]]
prefix = "127.0.0.1"
location = "127.0.0.1"
insecure = true
[[registry]]
prefix = "localhost"
location = "localhost"
insecure = true
END
    printf '[storage]\ndriver = "overlay"\ngraphroot = "%s"\nrunroot = "%s"\n' "$dir/data/storage" "$dir/exec/run" >"$dir/data/home/storage.conf"
    # A state folder of our own for runc; Podman 4.3 takes no such option from its configuration.
    printf '#!/bin/sh\nexec %q --root %q "$@"\n' "$runc" "$dir/exec/runc" >"$dir/data/runc"
    chmod 755 "$dir/data/runc"
    cat >"$dir/data/home/containers.conf" <<END
[containers]
default_ulimits = ["nofile=$files:$files", "nproc=$processes:$processes"]
log_driver = "k8s-file"
seccomp_profile = "$packages/usr/share/containers/seccomp.json"
[engine]
cgroup_manager = "cgroupfs"
conmon_env_vars = ["PATH=$PATH", "LD_LIBRARY_PATH=$libraries", "CONTAINERS_CONF=$dir/data/home/containers.conf",
    "CONTAINERS_STORAGE_CONF=$dir/data/home/storage.conf", "HOME=$dir/data/home"]
conmon_path = ["$packages/usr/bin/conmon"]
events_logger = "file"
helper_binaries_dir = ["$packages/usr/lib/podman"]
init_path = "$packages/usr/bin/tini-static"
runtime = "runc"
static_dir = "$dir/data/storage/libpod"
tmp_dir = "$dir/exec/libpod"
volume_path = "$dir/data/storage/volumes"
[engine.runtimes]
runc = ["$dir/data/runc"]
[network]
default_subnet = "10.$1.0.0/24"
default_subnet_pools = [ { "base" = "10.$1.128.0/17", "size" = 24 } ]
network_backend = "netavark"
network_config_dir = "$dir/data/networks"
END
    # shellcheck disable=SC2016
    env -u CONTAINER_HOST -u DOCKER_HOST HOME="$dir/data/home" LD_LIBRARY_PATH="$libraries" TMPDIR="$dir/data/tmp" \
        CONTAINERS_CONF="$dir/data/home/containers.conf" CONTAINERS_STORAGE_CONF="$dir/data/home/storage.conf" \
        CONTAINERS_REGISTRIES_CONF="$dir/data/home/registries.conf" \
        setsid nsenter --net="$dir/network" -- unshare --mount --propagation slave -- sh -c '
            mount -t tmpfs -o mode=1777 none /dev/shm && mkdir -p /run/netns && mount -t tmpfs none /run/netns && exec "$@"' sh \
        "$packages/usr/bin/podman" --root "$dir/data/storage" --runroot "$dir/exec/run" --tmpdir "$dir/exec/libpod" \
        system service --time 0 "unix://$socket" >"$dir/podman.log" 2>&1 </dev/null 9>&- &
    pid=$!
    write_state
    await_engine podman
}

# Podman's groups of containers bear their ids; those of other Podmans lie beside them.
control_groups() {
    local container
    for container in "$dir"/data/storage/overlay-containers/*/; do
        container=$(basename "$container")
        [ "${#container}" = 64 ] || continue
        find /sys/fs/cgroup -maxdepth 3 -type d \( -name "libpod-$container" -o -name "libpod-conmon-$container" \) 2>/dev/null || true
    done
}

# The groups around them, when they hold nobody else's.
tidy_engine() {
    local group
    for group in /sys/fs/cgroup/*/libpod_parent /sys/fs/cgroup/libpod_parent; do
        [ -d "$group" ] || continue
        find "$group" -depth -type d -exec rmdir {} + 2>/dev/null || true
    done
    rmdir /run/netns 2>/dev/null || true
}
