#!/usr/bin/env bash
# Makes the broker's users and their rights, as kafka-access.txt beside this file lists them. Safe to run again: it sets
# new passwords and adds what is new. Needs a listener at which it may do everything.
set -euf -o pipefail

# Each tool lives for a second or two: the optimizing compiler would only cost time.
export KAFKA_JVM_PERFORMANCE_OPTS="-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
list=$(dirname "$0")/kafka-access.txt
tools=${KAFKA_TOOLS:-/opt/kafka/bin}
server=${KAFKA_ADMIN_BOOTSTRAP:-127.0.0.1:9094}

make_user() { # name, password: given as a file, so that it does not stand in the list of processes
    "$tools/kafka-configs.sh" --bootstrap-server "$server" --alter --entity-type users --entity-name "$1" \
        --add-config-file /dev/stdin <<<"SCRAM-SHA-512=password=$2"
}

grant() { # name: everything that the list grants to it
    local name operations resources options each
    while read -r name operations resources; do
        [ "$name" = "$1" ] || continue
        options=()
        for each in ${operations//,/ }; do options+=(--operation "$each"); done
        for each in $resources; do
            options+=("--${each%%=*}")
            if [[ $each == *=* ]]; then options+=("${each#*=}"); fi
        done
        "$tools/kafka-acls.sh" --bootstrap-server "$server" --add --force \
            --allow-principal "User:$name" "${options[@]}"
    done <"$list"
}

admit() { # name, password
    make_user "$1" "$2" && grant "$1"
}

running=()
admit sales "${SALES_KAFKA_PASSWORD:?}" & running+=($!)
admit purchasing "${PURCHASING_KAFKA_PASSWORD:?}" & running+=($!)
admit planning "${PLANNING_KAFKA_PASSWORD:?}" & running+=($!)
admit pos-gateway "${POS_GATEWAY_KAFKA_PASSWORD:?}" & running+=($!)
admit kafka-ui "${KAFKA_UI_PASSWORD:?}" & running+=($!)
for each in "${running[@]}"; do wait "$each"; done
