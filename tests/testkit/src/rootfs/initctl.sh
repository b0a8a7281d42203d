rm -f /run/initctl
mkfifo /run/initctl
# Open for both, so that there is always a reader.
exec 3<>/run/initctl
say booted
while :; do
    # magic, command, runlevel as a character: the first three words of a 384-byte request
    request=$(dd bs=384 count=1 <&3 2>/dev/null | hexdump -v -n 12 -e '3/4 "%08x "')
    case $request in
    '03091969 00000001 00000030'*) say initctl 0; poweroff -f ;;
    '03091969 00000001 00000036'*) say initctl 6; reboot -f ;;
    *) say "initctl ? $request" ;;
    esac
done
