#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# /etc/nginx/templates/NAME.template becomes /etc/nginx/conf.d/NAME, with ${VARIABLE} replaced where the variable is set.
set -e

from=${NGINX_ENVSUBST_TEMPLATE_DIR:-/etc/nginx/templates}
suffix=${NGINX_ENVSUBST_TEMPLATE_SUFFIX:-.template}
to=${NGINX_ENVSUBST_OUTPUT_DIR:-/etc/nginx/conf.d}

[ -d "$from" ] || exit 0
# Only what is set is replaced: nginx has variables of its own that look the same.
names=$(env | sed -n 's/^\([A-Za-z_][A-Za-z_0-9]*\)=.*/${\1}/p' | tr '\n' ' ')
find -L "$from" -type f -name "*$suffix" | sort | while read -r template; do
    name=${template#"$from"/}
    mkdir -p "$(dirname "$to/$name")"
    echo "$0: $template to $to/${name%"$suffix"}"
    envsubst "$names" <"$template" >"$to/${name%"$suffix"}"
done
