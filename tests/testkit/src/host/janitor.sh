# Makes one private host, keeps it while the other end of standard input is open, then removes it.
# usage: janitor.sh start NAME (INIT in the environment: the script of the host's first process)
#        janitor.sh remove NAME (what a killed janitor left behind)
# NAME is the name of the host's own control group in every hierarchy.
set -u
name=$2

hierarchies() {
    while read -r _ _ _ _ at rest; do
        case $rest in *' - cgroup '* | *' - cgroup2 '*) echo "$at" ;; esac
    done </proc/self/mountinfo | sort -u
}

make() {
    for at in $(hierarchies); do
        group=$at/$name
        mkdir "$group" || exit 1
        if [ -e "$group/cpuset.clone_children" ] || [ -e "$group/cgroup.clone_children" ]; then
            if [ -e "$group/cpuset.cpus" ]; then
                cat "$at/cpuset.cpus" >"$group/cpuset.cpus"
                cat "$at/cpuset.mems" >"$group/cpuset.mems"
                echo 1 >"$group/cgroup.clone_children"
            fi
        elif [ "$at" = /sys/fs/cgroup ]; then
            for c in $(cat "$at/cgroup.controllers"); do
                echo "+$c" >"$at/cgroup.subtree_control"
            done 2>/dev/null
        fi
    done
}

enter() {
    for at in $(hierarchies); do echo 0 >"$at/$name/cgroup.procs" || exit 1; done
}

# Thaws, kills, removes the directories, deepest first; again until all are gone.
remove() {
    tries=0
    while [ $tries -lt 100 ]; do
        left=
        for at in $(hierarchies); do
            [ -d "$at/$name" ] || continue
            find "$at/$name" -name freezer.state | while read -r file; do echo THAWED >"$file"; done
            find "$at/$name" -name cgroup.freeze | while read -r file; do echo 0 >"$file"; done
            find "$at/$name" -name cgroup.procs -exec cat {} + | xargs -r kill -KILL
            find "$at/$name" -depth -type d -exec rmdir {} +
            [ -d "$at/$name" ] && left=1
        done 2>/dev/null
        [ -z "$left" ] && return 0
        tries=$((tries + 1))
        sleep 0.05
    done
    echo "cannot remove control group $name" >&2
    return 1
}

case $1 in
remove) remove ;;
start)
    make
    (
        enter
        exec unshare --mount --net --uts --ipc --cgroup --pid --fork --kill-child --mount-proc \
            --propagation private sh -c "$INIT" private-host
    ) </dev/null &
    outer=$!
    echo "unshare $outer"
    # The test's end of this pipe closes when the test ends, however it ends.
    read -r _
    read -r first _ <"/proc/$outer/task/$outer/children"
    kill -KILL "$first" 2>/dev/null
    # A frozen process holds the first one up: thawing is part of the removal.
    remove
    wait "$outer" 2>/dev/null
    ;;
esac
