#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# The private engine comes up, is found again, survives double starts, stops and interruptions, and leaves nothing.
# Runs in network, mount and process namespaces of its own: what is counted there is the test's alone, also beside other tests.
set -euo pipefail
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

if [ "${1:-}" != --isolated ]; then
    [ "$(id -u)" = 0 ] || { echo "SKIPPED: only root can start a private engine"; exit 77; }
    exec unshare --net --mount --pid --fork --kill-child --mount-proc -- bash "$0" --isolated
fi

unset DOCKER_HOST XDG_RUNTIME_DIR
export HOME=/nonexistent
work=$(mktemp -d /var/lib/berth-test-XXXXXX)
export BERTH_ENGINE_DIR=$work/engine
engine=$root/framework/setup/engine
ip link set lo up
# Sockets of other engines on this machine are out of sight: the usual places are covered.
mount -t tmpfs none /run
finish() { "$engine" stop >/dev/null 2>&1 || true; rm -rf "$work"; }
trap finish EXIT

fail() { echo "FAILED: $*"; exit 1; }
expect() { [ "$2" = "$3" ] || fail "$1: expected '$2', got '$3'"; }
status_of() { local status=0; "$@" >"$work/out" 2>&1 || status=$?; echo "$status"; }
running() {
    local pid line
    for pid in /proc/[0-9]*; do
        read -r line 2>/dev/null <"$pid/stat" || continue
        case $line in *") Z "*) ;; *"(dockerd)"* | *"(containerd"* | *"(docker-proxy)"* | *"(runc"* | *"(sleep)"*) echo "$line" ;; esac
    done
}
traces() {
    running
    # Those of the beginning may go at any time: other engines of this machine unmount theirs.
    cut -d ' ' -f 5 /proc/self/mountinfo | grep -vxFf "$work.mounts" || true
    ip -o link | cut -d : -f 2
    ip -4 route
    iptables-save 2>/dev/null | grep '^-' || true
    ls "$work"
    ls /run/netns 2>/dev/null || true
    cat /proc/sys/net/ipv4/ip_forward
}
traces_gone() { # also control groups, which bear the engine's id
    traces >"$work.after"
    diff "$work.before" "$work.after" || fail "$1: something is left"
    [ -z "$(find /sys/fs/cgroup -maxdepth 2 -name "berth-engine-$id" 2>/dev/null)" ] || fail "$1: control groups are left"
    rm -f "$work.after"
}
engine_id() { sed -n 's/^id=//p' "$BERTH_ENGINE_DIR/state"; }

: >"$work/out"
iptables-save >/dev/null 2>&1 || true
cut -d ' ' -f 5 /proc/self/mountinfo >"$work.mounts"
traces >"$work.before"
trap 'finish; rm -f "$work.before" "$work.after" "$work.mounts"' EXIT

echo "-- without an engine"
expect "status without an engine" 3 "$(status_of "$engine" status)"
expect "its words" "engine: no engine answers" "$(cat "$work/out")"
expect "enter without an engine" 69 "$(status_of "$engine" enter -- true)"
expect "its words" "engine: no engine answers; start one by: $root/framework/setup/engine start" "$(cat "$work/out")"
expect "stop without an engine" 0 "$(status_of "$engine" stop)"
expect "its words" "engine: no private engine is there" "$(cat "$work/out")"
expect "an unknown command" 64 "$(status_of "$engine" fly)"

echo "-- start, twice"
expect "start" 0 "$(status_of "$engine" start)"
grep -q "^engine: started docker [0-9][^ ]* (API 1\.[0-9]*, oldest 1\.[0-9]*) at unix://$BERTH_ENGINE_DIR/docker.sock, private, process [0-9]*, network 10\.[0-9]*\.0\.0/16\$" "$work/out" || fail "start said: $(cat "$work/out")"
id=$(engine_id)
expect "second start" 0 "$(status_of "$engine" start)"
grep -q '^engine: using docker ' "$work/out" || fail "the second start said: $(cat "$work/out")"
expect "the same engine" "$id" "$(engine_id)"
expect "status" 0 "$(status_of "$engine" status)"

echo "-- enter"
expect "the engine answers inside" OK "$("$engine" enter -- sh -c 'curl -fsS --unix-socket "${DOCKER_HOST#unix://}" http://engine/_ping')"
expect "its exit status" 7 "$(status_of "$engine" enter -- sh -c 'exit 7')"
expect "its bridge is there" docker0 "$("$engine" enter -- sh -c 'ip -o link show docker0 | cut -d " " -f 2 | tr -d :')"
expect "and not here" "" "$(ip -o link | grep docker0 || true)"
expect "entering from inside" OK "$("$engine" enter -- "$engine" enter -- sh -c 'curl -fsS --unix-socket "${DOCKER_HOST#unix://}" http://engine/_ping')"

echo "-- stop, with a container that ignores it, twice"
image=$(awk '$1 == "busybox" { print $2 " " $3 }' "${BERTH_TEST_IMAGES:-$root/build/images}/index")
[ -n "$image" ] || fail "there is no busybox image; run tests/images/build"
ask() { curl -fsS --unix-socket "$BERTH_ENGINE_DIR/docker.sock" "$@"; }
ask -X POST -H 'Content-Type: application/x-tar' -T "${BERTH_TEST_IMAGES:-$root/build/images}/${image#* }" http://engine/images/load >/dev/null
ask -X POST -H 'Content-Type: application/json' -d "{\"Image\": \"berth.local/busybox:${image% *}\", \"Cmd\": [\"sh\", \"-c\", \"trap '' TERM; sleep 1000\"], \"HostConfig\": {\"RestartPolicy\": {\"Name\": \"always\"}}}" \
    'http://engine/containers/create?name=stubborn' >/dev/null
ask -X POST http://engine/containers/stubborn/start
running | grep -q '(sleep)' || fail "the container does not run"
began=$SECONDS
expect "stop" 0 "$(status_of "$engine" stop)"
expect "its words" "engine: stopped the private engine and removed all it held" "$(cat "$work/out")"
[ $((SECONDS - began)) -lt 15 ] || fail "stop took $((SECONDS - began)) s"
: >"$work/out"
traces_gone "stop"
expect "second stop" 0 "$(status_of "$engine" stop)"
: >"$work/out"
traces_gone "second stop"

echo "-- a killed engine is replaced, with the containers it left"
"$engine" start >/dev/null
id=$(engine_id)
first=$id
ask -X POST -H 'Content-Type: application/x-tar' -T "${BERTH_TEST_IMAGES:-$root/build/images}/${image#* }" http://engine/images/load >/dev/null
ask -X POST -H 'Content-Type: application/json' -d "{\"Image\": \"berth.local/busybox:${image% *}\", \"Cmd\": [\"sleep\", \"1000\"]}" 'http://engine/containers/create?name=orphan' >/dev/null
ask -X POST http://engine/containers/orphan/start
(. "$BERTH_ENGINE_DIR/state"; kill -KILL "$pid" "$containerd_pid")
expect "start over the remains" 0 "$(status_of "$engine" start)"
grep -q '^engine: an earlier private engine did not end well; removing what is left of it$' "$work/out" || fail "it said: $(cat "$work/out")"
id=$(engine_id)
[ "$id" != "$first" ] || fail "the killed engine was not replaced"
expect "no container outlives it" "" "$(running | grep '(sleep)' || true)"
"$engine" stop >/dev/null
: >"$work/out"
traces_gone "stop after a killed engine"

echo "-- a start that is interrupted, at several moments"
for delay in 0.02 0.05 0.1 0.2 0.3; do
    for signal in TERM KILL; do
        setsid "$engine" start >/dev/null 2>&1 &
        starting=$!
        sleep "$delay"
        kill -"$signal" "$starting" 2>/dev/null || true
        wait "$starting" 2>/dev/null || true
        id=$(engine_id 2>/dev/null || echo none)
        "$engine" stop >/dev/null || fail "stop after SIG$signal at $delay s"
        : >"$work/out"
        traces_gone "SIG$signal at $delay s"
    done
done

echo "-- two starts at once make one engine"
"$engine" start >"$work/one" 2>&1 &
one=$!
"$engine" start >"$work/two" 2>&1 &
two=$!
wait "$one" || fail "the first of two starts: $(cat "$work/one")"
wait "$two" || fail "the second of two starts: $(cat "$work/two")"
expect "dockerd runs once" 1 "$(running | grep -c '(dockerd)')"
expect "one of them started it" 1 "$(cat "$work/one" "$work/two" | grep -c '^engine: started ')"
id=$(engine_id)
"$engine" stop >/dev/null
rm -f "$work/one" "$work/two"
traces_gone "stop after two starts"

echo "passed"
