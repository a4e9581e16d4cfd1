#!/usr/bin/env bash
# A real Apache Kafka on loopback, without ZooKeeper and without an installation. Needs Java 17 and Maven.
#
#   kafka.sh start [NODES]   start 1 (default) or 3 nodes; prints the bootstrap address when they answer
#   kafka.sh stop            end all nodes, and wait for them
#   kafka.sh kill NODE       SIGKILL, as in a crash
#   kafka.sh up NODE         start a node again, with its data
#   kafka.sh fetch           only fetch the jars (44 MB, once)
#   kafka.sh wipe            remove all data, after stop
#
# Settings (environment):
#   KAFKA_DIR     data, logs and process ids (build/kafka)
#   KAFKA_PORT    node N listens on KAFKA_PORT + 10(N-1), its controller one above, SASL_SSL 1000 above (19092)
#   KAFKA_PORTS   instead: client, controller and SASL_SSL port of each node, one after the other
#   KAFKA_HEAP    memory of a node (96m)
#   KAFKA_LIBS    where the jars are (libs/ beside this file)
#   KAFKA_EXTRA   a file of further settings for every node
# secure.sh, run before start, adds a SASL_SSL listener.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
dir=$(realpath -m "${KAFKA_DIR:-build/kafka}")
libs=$(realpath -m "${KAFKA_LIBS:-$here/libs}")
jvm="-Xmx${KAFKA_HEAP:-96m} -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Dorg.slf4j.simpleLogger.defaultLogLevel=warn"
cluster=eng5-test-cluster-AAAA

refuse() { # exit code, message, remedy
    printf '%s\n  → %s\n' "$2" "$3" >&2
    exit "$1"
}

port() { sed -n "$((3 * ($1 - 1) + $2))p" "$dir/ports"; } # node, which: 1 client, 2 controller, 3 SASL_SSL
answers() { (: < "/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
running() { [ -f "$dir/$1.pid" ] && kill -0 "$(cat "$dir/$1.pid")" 2>/dev/null; }

fetch() {
    [ ! -d "$libs" ] || return 0
    for tool in java mvn; do
        command -v $tool > /dev/null || refuse 4 "$tool is not there" "install Java 17 and Maven"
    done
    mkdir -p "$(dirname "$libs")"
    part=$(mktemp -d "$libs.XXXXXX")
    mvn -q -B -f "$here/pom.xml" dependency:copy-dependencies "-DoutputDirectory=$part" > "$part.log" 2>&1 ||
        refuse 4 "the jars cannot be fetched; see $part.log" "check the way to a Maven repository, then run this again"
    rm "$part.log"
    # Somebody else may have been faster: a folder is moved as a whole or not at all.
    mv -T "$part" "$libs" 2>/dev/null || rm -rf "$part"
}

choose_ports() { # nodes
    if [ -n "${KAFKA_PORTS:-}" ]; then
        printf '%s\n' $KAFKA_PORTS
    else
        for n in $(seq "$1"); do
            first=$((${KAFKA_PORT:-19092} + 10 * (n - 1)))
            printf '%s\n' $first $((first + 1)) $((first + 1000))
        done
    fi > "$dir/ports"
}

configure() { # node, nodes
    local voters= n listeners advertised most=$((($2 + 1) / 2))
    for n in $(seq "$2"); do
        voters="$voters${voters:+,}$n@127.0.0.1:$(port "$n" 2)"
    done
    advertised="PLAINTEXT://127.0.0.1:$(port "$1" 1)"
    [ ! -f "$dir/secure.properties" ] || advertised="$advertised,SASL_SSL://127.0.0.1:$(port "$1" 3)"
    listeners="$advertised,CONTROLLER://127.0.0.1:$(port "$1" 2)"
    {
        cat "$here/server.properties"
        echo "node.id=$1"
        echo "log.dirs=$dir/$1"
        echo "controller.quorum.voters=$voters"
        echo "listeners=$listeners"
        echo "advertised.listeners=$advertised"
        for what in default offsets.topic transaction.state.log share.coordinator.state.topic; do
            echo "$what.replication.factor=$2"
        done
        for what in min.insync.replicas transaction.state.log.min.isr share.coordinator.state.topic.min.isr; do
            echo "$what=$most"
        done
        [ ! -f "$dir/secure.properties" ] || cat "$dir/secure.properties"
        # The last line that names a setting stands.
        [ -z "${KAFKA_EXTRA:-}" ] || cat "$KAFKA_EXTRA"
    } > "$dir/$1.properties"
}

up() { # node
    running "$1" && return
    [ -f "$dir/$1.properties" ] || refuse 2 "node $1 was never started in $dir" "run kafka.sh start first"
    for which in 1 2; do
        ! answers "$(port "$1" $which)" ||
            refuse 4 "127.0.0.1:$(port "$1" $which): the port is taken" "set KAFKA_PORT to another one, or stop what listens there"
    done
    java $jvm -cp "$libs/*" kafka.tools.StorageTool format --ignore-formatted \
        -t $cluster -c "$dir/$1.properties" > "$dir/$1.log" 2>&1 ||
        refuse 4 "node $1 cannot use its folder; see $dir/$1.log" "run kafka.sh stop and kafka.sh wipe, then start again"
    nohup java $jvm -cp "$libs/*" kafka.Kafka "$dir/$1.properties" >> "$dir/$1.log" 2>&1 < /dev/null &
    echo $! > "$dir/$1.pid"
}

await() { # node
    for _ in $(seq 3000); do
        if ! running "$1"; then
            tail -5 "$dir/$1.log" >&2
            refuse 4 "node $1 ended; its last lines are above" "see $dir/$1.log"
        fi
        if answers "$(port "$1" 1)"; then return; fi
        sleep 0.1
    done
    refuse 4 "node $1 does not answer after five minutes" "see $dir/$1.log"
}

end() { # node: SIGTERM, and SIGKILL to what is still there after half a minute
    local pid
    pid=$(cat "$dir/$1.pid")
    for _ in $(seq 300); do kill -0 "$pid" 2>/dev/null || break; sleep 0.1; done
    kill -9 "$pid" 2>/dev/null || :
    rm "$dir/$1.pid"
}

case ${1:-} in
start)
    nodes=${2:-1}
    case $nodes in [1-9]) ;; *) refuse 2 "'$nodes' is no number of nodes" "say 1 or 3" ;; esac
    fetch
    mkdir -p "$dir"
    choose_ports "$nodes"
    for n in $(seq "$nodes"); do configure "$n" "$nodes"; up "$n"; done
    for n in $(seq "$nodes"); do await "$n"; done
    for n in $(seq "$nodes"); do echo "127.0.0.1:$(port "$n" 1)"; done | paste -sd,
    ;;
fetch) fetch ;;
up) up "$2"; await "$2" ;;
kill)
    running "$2" || refuse 2 "node $2 does not run" "kafka.sh up $2 starts it"
    kill -9 "$(cat "$dir/$2.pid")"
    while running "$2"; do sleep 0.1; done
    rm "$dir/$2.pid"
    ;;
stop)
    for file in "$dir"/*.pid; do [ ! -f "$file" ] || kill "$(cat "$file")" 2>/dev/null || :; done
    for file in "$dir"/*.pid; do [ ! -f "$file" ] || end "$(basename "$file" .pid)"; done
    ;;
wipe) rm -rf "$dir" ;;
*) sed -n '2,19s/^# \{0,1\}//p' "$0"; exit 2 ;;
esac
