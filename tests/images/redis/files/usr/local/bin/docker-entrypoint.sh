#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Starts Redis as its official image does: options alone mean redis-server, root steps down to the user redis, and a server whose
# configuration does not speak of protected mode runs without it (clients in other containers could not connect otherwise).
set -eu

case ${1:-} in
    -* | *.conf) set -- redis-server "$@" ;;
esac

if [ "${1:-}" = redis-server ] && [ "$(id -u)" = 0 ]; then
    find . \! -user redis -exec chown redis:redis {} +
    exec gosu redis "$0" "$@"
fi

if [ "${1:-}" = redis-server ]; then
    umask 0077
    protect=0
    case " $* " in
        *" --protected-mode "* | *" --version "* | *" -v "* | *" --help "* | *" -h "* | *" --test-memory "* | *" --check-system "* | *" - "*) protect=1 ;;
    esac
    # The configuration file, when there is one, is the first argument.
    if [ -f "${2:-}" ] && grep -Eiq '^[[:space:]]*protected-mode[[:space:]]' "$2"; then protect=1; fi
    [ "$protect" = 1 ] || set -- "$@" --protected-mode no
fi
exec "$@"
