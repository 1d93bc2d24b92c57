#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
#   engines_test.sh NAME...   each named engine starts, runs containers with ports and names, and goes without a trace
#
# Two or more are up at the same time. Runs in network, mount and process namespaces of its own: what is counted there is the
# test's alone. Skipped (77) where there is no root; fails where an engine cannot be had.
set -euo pipefail
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
engine=$root/tests/engines/engine

if [ "${1:-}" != --isolated ]; then
    [ "$(id -u)" = 0 ] || { echo "SKIPPED: only root can start engines"; exit 77; }
    [ $# -gt 0 ] || { echo "usage: engines_test.sh NAME..." >&2; exit 64; }
    # Packages come from the mirror, which is out of reach inside.
    for name in "$@"; do "$engine" "$name" fetch; done
    exec unshare --net --mount --pid --fork --kill-child --mount-proc -- bash "$0" --isolated "$@"
fi
shift

export HOME=/nonexistent
work=$(mktemp -d /var/lib/berth-test-XXXXXX)
export BERTH_ENGINES_DIR=$work/e
ip link set lo up
mount -t tmpfs none /run
finish() { for name in $names; do "$engine" "$name" stop >/dev/null 2>&1 || true; done; rm -rf "$work"; }
names=$*
trap finish EXIT

fail() { echo "FAILED: $*"; exit 1; }
expect() { [ "$2" = "$3" ] || fail "$1: expected '$2', got '$3'"; }
status_of() { local status=0; "$@" >"$work/out" 2>&1 || status=$?; echo "$status"; }
running() {
    local pid line
    for pid in /proc/[0-9]*; do
        read -r line 2>/dev/null <"$pid/stat" || continue
        case $line in *") Z "*) ;; *"(dockerd)"* | *"(containerd"* | *"(docker-proxy)"* | *"(runc"* | *"(podman)"* | *"(conmon)"* | *"(aardvark-dns)"* | *"(sleep)"* | *"(httpd)"*) echo "$line" ;; esac
    done
}
groups() { find /sys/fs/cgroup -type d \( -name "berth-engine-$id" $container_groups \) 2>/dev/null; }
traces() {
    running
    # Those of the beginning may go at any time: other engines of this machine unmount theirs.
    cut -d ' ' -f 5 /proc/self/mountinfo | grep -vxFf "$work.mounts" || true
    ip -o link | cut -d : -f 2
    ip -4 route
    iptables-save 2>/dev/null | grep '^-' || true
    ls "$work" /dev/shm
    ls /run/netns 2>/dev/null || true
    cat /proc/sys/net/ipv4/ip_forward
}

# ask METHOD PATH [CURL ARGUMENT...]: the body; fails on any status but 2xx, and says what the engine said
ask() {
    local method=$1 path=$2 reply; shift 2
    reply=$(curl -sS --max-time 60 --unix-socket "$BERTH_ENGINES_DIR/$name/docker.sock" -w '\n%{http_code}' -X "$method" "$@" "http://engine$path") || fail "$name: $method $path: no answer"
    case ${reply##*$'\n'} in 2*) ;; *) fail "$name: $method $path: $reply" ;; esac
    printf '%s' "${reply%$'\n'*}"
}
json() { ask "$1" "$2" -H 'Content-Type: application/json' -d "$3"; }
id_of() { sed -n 's/.*"Id":"\([0-9a-f]\{64\}\)".*/\1/p' | head -n 1; }
# The newest version of the API that the engine speaks, of two.
version_of() { case $name in docker-oldest | podman) echo 1.41 ;; *) echo 1.44 ;; esac; }
entered() { "$engine" "$name" enter -- "$@"; }

read -r _ tag file < <(awk '$1 == "busybox"' "${BERTH_TEST_IMAGES:-$root/build/images}/index")
[ -n "${file:-}" ] || fail "there is no busybox image; run tests/images/build"
image=berth.local/busybox:$tag

: >"$work/out"
iptables-save >/dev/null 2>&1 || true
mkdir -p "$work/e"
cut -d ' ' -f 5 /proc/self/mountinfo >"$work.mounts"
traces >"$work.before"
trap 'finish; rm -f "$work.before" "$work.after" "$work.mounts"' EXIT
container_groups=""

for name in $names; do
    echo "-- $name: before the start"
    expect "status" 3 "$(status_of "$engine" "$name" status)"
    expect "its words" "engine: no engine answers" "$(cat "$work/out")"
    expect "enter" 69 "$(status_of "$engine" "$name" enter -- true)"
    expect "its words" "engines: $name does not run; start it by: $engine $name start" "$(cat "$work/out")"

    echo "-- $name: start, twice"
    expect "start of $name: $(status_of "$engine" "$name" start; cat "$work/out")" 0 "$(status_of "$engine" "$name" status)"
    expect "second start" 0 "$(status_of "$engine" "$name" start)"
    case $name in podman) program=podman ;; *) program=docker ;; esac
    grep -q "^engine: using $program [0-9][^ ]* (API 1\.[0-9]*, oldest 1\.[0-9]*) at unix://$BERTH_ENGINES_DIR/$name/docker.sock, private, process [0-9]*, network 10\.[0-9]*\.0\.0/16\$" "$work/out" || fail "the second start said: $(cat "$work/out")"
done

for name in $names; do
    echo "-- $name: containers"
    version=v$(version_of)
    expect "ping" OK "$(ask GET /_ping)"
    expect "the namespace's variables" "unix://$BERTH_ENGINES_DIR/$name/docker.sock $name" "$(CONTAINER_HOST=unix:///nowhere entered sh -c 'echo "$DOCKER_HOST $BERTH_TEST_ENGINE${CONTAINER_HOST:-}"')"
    expect "exit status" 7 "$(status_of entered sh -c 'exit 7')"
    ask POST /images/load -H 'Content-Type: application/x-tar' -T "${BERTH_TEST_IMAGES:-$root/build/images}/$file" >/dev/null

    # Raw, as it comes: frames of 8 bytes before each piece of output.
    id=$(json POST "/$version/containers/create?name=echo" "{\"Image\": \"$image\", \"Cmd\": [\"echo\", \"ok\"]}" | id_of)
    ask POST "/$version/containers/$id/start" >/dev/null
    expect "exit code" '"StatusCode":0' "$(ask POST "/$version/containers/$id/wait" | grep -o '"StatusCode":0')"
    ask GET "/$version/containers/$id/logs?stdout=1" -o "$work/out" >/dev/null
    expect "what it wrote" "01 00 00 00 00 00 00 03 6f 6b 0a" "$(od -An -v -tx1 "$work/out" | tr -s ' \n' ' ' | sed 's/^ //; s/ $//')"

    json POST "/$version/networks/create" '{"Name": "meeting", "CheckDuplicate": true}' >/dev/null
    id=$(json POST "/$version/containers/create?name=server" "{\"Image\": \"$image\", \"Cmd\": [\"sh\", \"-c\", \"mkdir /www; echo found >/www/index.html; exec httpd -f -p 80 -h /www\"], \"ExposedPorts\": {\"80/tcp\": {}}, \"HostConfig\": {\"NetworkMode\": \"meeting\", \"PortBindings\": {\"80/tcp\": [{\"HostIp\": \"127.0.0.1\", \"HostPort\": \"18080\"}]}}}" | id_of)
    ask POST "/$version/containers/$id/start" >/dev/null
    expect "a published port, from inside the namespace" found "$(entered curl -sS --noproxy '*' --retry 20 --retry-connrefused --retry-delay 1 --max-time 30 http://127.0.0.1:18080/)"
    expect "and not from here" 7 "$(status_of curl -sS --noproxy '*' --max-time 5 http://127.0.0.1:18080/)"
    id=$(json POST "/$version/containers/create?name=client" "{\"Image\": \"$image\", \"Cmd\": [\"wget\", \"-qO-\", \"http://server/\"], \"HostConfig\": {\"NetworkMode\": \"meeting\"}}" | id_of)
    ask POST "/$version/containers/$id/start" >/dev/null
    ask POST "/$version/containers/$id/wait" >/dev/null
    ask GET "/$version/containers/$id/logs?stdout=1" -o "$work/out" >/dev/null
    expect "another container by its name" found "$(tail -c 6 "$work/out")"
done

echo "-- stop, with containers that run"
for name in $names; do
    ids=$(ask GET '/containers/json?all=1' | grep -o '"Id":"[0-9a-f]\{64\}"' | cut -d '"' -f 4)
    [ "$(wc -w <<<"$ids")" = 3 ] || fail "$name: expected three containers, got: $ids"
    id=$(sed -n 's/^id=//p' "$BERTH_ENGINES_DIR/$name/state")
    container_groups=$(for one in $ids; do printf -- '-o -name *%s* ' "$one"; done)
    [ -n "$(groups)" ] || fail "$name: no control groups are to be seen, so nothing says that they go"
    began=$SECONDS
    expect "stop of $name: $(status_of "$engine" "$name" stop; cat "$work/out")" 3 "$(status_of "$engine" "$name" status)"
    [ $((SECONDS - began)) -lt 20 ] || fail "stop of $name took $((SECONDS - began)) s"
    [ -z "$(groups)" ] || fail "$name: control groups are left: $(groups)"
    expect "second stop" 0 "$(status_of "$engine" "$name" stop)"
    expect "its words" "engine: no private engine is there" "$(cat "$work/out")"
done

echo "-- stop of what is left of a killed engine"
for name in $names; do
    "$engine" "$name" start >/dev/null
    version=v$(version_of)
    ask POST /images/load -H 'Content-Type: application/x-tar' -T "${BERTH_TEST_IMAGES:-$root/build/images}/$file" >/dev/null
    one=$(json POST "/$version/containers/create?name=orphan" "{\"Image\": \"$image\", \"Cmd\": [\"sleep\", \"1000\"]}" | id_of)
    ask POST "/$version/containers/$one/start" >/dev/null
    running | grep -q '(sleep)' || fail "$name: the container does not run"
    id=$(sed -n 's/^id=//p' "$BERTH_ENGINES_DIR/$name/state")
    container_groups="-o -name *$one*"
    (. "$BERTH_ENGINES_DIR/$name/state"; kill -KILL "$pid" ${containerd_pid:+"$containerd_pid"})
    expect "stop of a killed $name: $(status_of "$engine" "$name" stop; cat "$work/out")" 3 "$(status_of "$engine" "$name" status)"
    [ -z "$(groups)" ] || fail "$name: control groups are left: $(groups)"
done
: >"$work/out"
traces >"$work.after"
diff "$work.before" "$work.after" || fail "something is left"
ls "$work/e" | grep . && fail "folders are left"

echo "passed: $names"
