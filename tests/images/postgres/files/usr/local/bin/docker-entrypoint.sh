#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Starts PostgreSQL as its official image does. An empty PGDATA is initialised first: a temporary server, on the unix socket alone,
# makes the database and runs /docker-entrypoint-initdb.d; so the log says "ready to accept connections" twice.
#
#   POSTGRES_PASSWORD  needed, unless POSTGRES_HOST_AUTH_METHOD=trust
#   POSTGRES_USER      postgres          POSTGRES_DB  the user's name
#   POSTGRES_INITDB_ARGS, POSTGRES_INITDB_WALDIR, POSTGRES_HOST_AUTH_METHOD
#
# PASSWORD, USER, DB and INITDB_ARGS may come from the file that NAME_FILE names.
set -Eeuo pipefail

fail() { printf 'Error: %s\n' "$*" >&2; exit 1; }

setting() { # setting NAME DEFAULT: exports NAME
    local name=$1 file_name=${1}_FILE value=$2
    if [ -n "${!name:-}" ] && [ -n "${!file_name:-}" ]; then fail "$name and $file_name exclude each other"; fi
    if [ -n "${!name:-}" ]; then
        value=${!name}
    elif [ -n "${!file_name:-}" ]; then
        value=$(<"${!file_name}")
    fi
    export "$name=$value"
    unset "$file_name"
}

# psql against the temporary server
query() { PGHOST='' PGHOSTADDR='' psql -v ON_ERROR_STOP=1 --no-psqlrc --no-password --username "$POSTGRES_USER" "$@"; }

run_scripts() {
    local file
    for file in /docker-entrypoint-initdb.d/*; do
        [ -e "$file" ] || continue
        printf '%s: %s %s\n' "$0" "$( [ -r "$file" ] && echo running || echo cannot read )" "$file"
        case $file in
            *.sh)
                # Not executable: part of this shell, so that it may use what is set here.
                if [ -x "$file" ]; then "$file"; else . "$file"; fi ;;
            *.sql) query --dbname "$POSTGRES_DB" -f "$file" ;;
            *.sql.gz) gunzip -c "$file" | query --dbname "$POSTGRES_DB" ;;
            *.sql.xz) xzcat "$file" | query --dbname "$POSTGRES_DB" ;;
            *) printf '%s: ignoring %s\n' "$0" "$file" ;;
        esac
    done
}

initialise() {
    local arguments=() options=""
    [ $# = 1 ] || options=$(printf '%q ' "${@:2}")
    [ -n "$POSTGRES_PASSWORD" ] || [ "$POSTGRES_HOST_AUTH_METHOD" = trust ] || fail "the database is not initialised and has no superuser password:" \
        "set POSTGRES_PASSWORD, or POSTGRES_HOST_AUTH_METHOD=trust to let everybody in without one"
    [ -z "${POSTGRES_INITDB_WALDIR:-}" ] || arguments+=(--waldir "$POSTGRES_INITDB_WALDIR")
    # The arguments are shell words: they may be quoted.
    eval 'initdb --username="$POSTGRES_USER" ${POSTGRES_PASSWORD:+--pwfile=<(printf "%s\n" "$POSTGRES_PASSWORD")} "${arguments[@]}" '"$POSTGRES_INITDB_ARGS"
    printf '\nhost all all all %s\n' "${POSTGRES_HOST_AUTH_METHOD:-$(postgres -C password_encryption "${@:2}")}" >>"$PGDATA/pg_hba.conf"

    export PGPASSWORD=${PGPASSWORD:-$POSTGRES_PASSWORD}
    NOTIFY_SOCKET='' pg_ctl -D "$PGDATA" -o "$options-c listen_addresses='' -p ${PGPORT:-5432}" -w start
    if [ "$POSTGRES_DB" != postgres ]; then
        query --dbname postgres --set db="$POSTGRES_DB" <<<'CREATE DATABASE :"db" ;'
    fi
    run_scripts
    pg_ctl -D "$PGDATA" -m fast -w stop
    unset PGPASSWORD
    printf '\nPostgreSQL init process complete; ready for start up.\n\n'
}

if [ "${1:0:1}" = - ]; then set -- postgres "$@"; fi

if [ "$1" = postgres ]; then
    for argument; do
        case $argument in -\? | --help | --describe-config | -V | --version) exec "$@" ;; esac
    done
    if [ "$(id -u)" = 0 ]; then
        # Only what is not right yet: on a large data folder, or one from the host, each change costs.
        mkdir -p "$PGDATA" /run/postgresql
        chmod 700 "$PGDATA"
        find "$PGDATA" \! -user postgres -exec chown postgres {} +
        find /run/postgresql \! -user postgres -exec chown postgres {} +
        if [ -n "${POSTGRES_INITDB_WALDIR:-}" ]; then
            mkdir -p "$POSTGRES_INITDB_WALDIR"
            chown -R postgres "$POSTGRES_INITDB_WALDIR"
        fi
        exec gosu postgres "$0" "$@"
    fi
    mkdir -p "$PGDATA"
    chmod 700 "$PGDATA" 2>/dev/null || true
    if [ -s "$PGDATA/PG_VERSION" ]; then
        printf '\nPostgreSQL Database directory appears to contain a database; Skipping initialization\n\n'
    else
        setting POSTGRES_PASSWORD ''
        setting POSTGRES_USER postgres
        setting POSTGRES_DB "$POSTGRES_USER"
        setting POSTGRES_INITDB_ARGS ''
        : "${POSTGRES_HOST_AUTH_METHOD:=}"
        initialise "$@"
    fi
fi
exec "$@"
