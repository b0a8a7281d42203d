# Prints every domain event as one line of JSON: a string such as "c1 STARTED/BOOTED".
PREFIX = "VIR_DOMAIN_EVENT_"
KINDS = "DEFINED UNDEFINED STARTED SUSPENDED RESUMED STOPPED SHUTDOWN PMSUSPENDED CRASHED".split()
METADATA = {
    libvirt.VIR_DOMAIN_METADATA_DESCRIPTION: "description",
    libvirt.VIR_DOMAIN_METADATA_TITLE: "title",
    libvirt.VIR_DOMAIN_METADATA_ELEMENT: "element",
}


def details(kind):
    prefix = PREFIX + kind + "_"
    return {value: name[len(prefix):] for name, value in vars(libvirt).items() if name.startswith(prefix)}


NAMES = {getattr(libvirt, PREFIX + kind): (kind, details(kind)) for kind in KINDS}


def lifecycle(_conn, domain, event, detail, _opaque):
    kind, names = NAMES[event]
    say(f"{domain.name()} {kind}/{names.get(detail, detail)}")


def reboot(_conn, domain, _opaque):
    say(f"{domain.name()} REBOOT")


def metadata(_conn, domain, kind, uri, _opaque):
    say(f"{domain.name()} METADATA {METADATA[kind]} {uri or '-'}")


conn.domainEventRegisterAny(None, libvirt.VIR_DOMAIN_EVENT_ID_LIFECYCLE, lifecycle, None)
conn.domainEventRegisterAny(None, libvirt.VIR_DOMAIN_EVENT_ID_REBOOT, reboot, None)
conn.domainEventRegisterAny(None, libvirt.VIR_DOMAIN_EVENT_ID_METADATA_CHANGE, metadata, None)
say("ready")
sys.stdin.read()
