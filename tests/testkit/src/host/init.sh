# First process of a private host: inside the new namespaces, makes them a host of their own, then reaps.
set -e
hostname private-host
ip link set lo up

# Every hierarchy again, rooted at this host's own control group; nothing here can leave it.
groups=$(while read -r _ _ _ _ at rest; do
    case $rest in
    *' - cgroup2 '*) echo "$at cgroup2 -" ;;
    *' - cgroup '*)
        options=${rest##* }
        case $options in *name=*) options=none,name=${options##*name=} ;; *) options=${options#rw,} ;; esac
        echo "$at cgroup $options"
        ;;
    esac
done </proc/self/mountinfo | sort -u)
mount -t sysfs sysfs /sys
case $groups in '/sys/fs/cgroup cgroup2 -') ;; *) mount -t tmpfs -o mode=755 tmpfs /sys/fs/cgroup ;; esac
echo "$groups" | while read -r at type options; do
    mkdir -p "$at"
    if [ "$type" = cgroup2 ]; then
        mount -t cgroup2 cgroup2 "$at"
    else
        mount -t cgroup -o "$options" cgroup "$at"
    fi
done
# On a pure cgroup v2 host a group has either processes or controllers for its children.
if [ -e /sys/fs/cgroup/cgroup.subtree_control ]; then
    mkdir /sys/fs/cgroup/host
    echo 0 >/sys/fs/cgroup/host/cgroup.procs
    for c in $(cat /sys/fs/cgroup/cgroup.controllers); do echo "+$c" >/sys/fs/cgroup/cgroup.subtree_control; done
fi

mount -t devpts -o newinstance,ptmxmode=0666,mode=0620,gid=5 devpts /dev/pts
mount -t tmpfs -o mode=1777 tmpfs /dev/shm
mount -t tmpfs -o mode=755 tmpfs /run
mkdir -p /run/lock /run/libvirt /run/test
for d in /etc/libvirt /var/lib/libvirt /var/log/libvirt /var/cache/libvirt; do
    mkdir -p "$d"
    mount -t tmpfs -o mode=755 tmpfs "$d"
done
echo ready
exec >/dev/null 2>&1
# The shell reaps every orphan while it waits for its own child.
sleep infinity
