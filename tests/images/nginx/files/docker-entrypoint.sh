#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Starts nginx as its official image does: scripts in /docker-entrypoint.d run first, in order of their names. *.envsh are read into
# this shell, *.sh are run when they are executable. NGINX_ENTRYPOINT_QUIET_LOGS silences what is said on the way.
set -e

say() { [ -n "${NGINX_ENTRYPOINT_QUIET_LOGS:-}" ] || echo "$0: $*"; }

case ${1:-} in
    nginx | nginx-debug)
        for script in /docker-entrypoint.d/*; do
            [ -e "$script" ] || continue
            case $script in
                *.envsh)
                    if [ -x "$script" ]; then say "reading $script"; . "$script"; else say "$script is not executable, left out"; fi ;;
                *.sh)
                    if [ -x "$script" ]; then say "running $script"; "$script"; else say "$script is not executable, left out"; fi ;;
                *) say "$script is neither .sh nor .envsh, left out" ;;
            esac
        done
        say "Configuration complete; ready for start up" ;;
esac
exec "$@"
