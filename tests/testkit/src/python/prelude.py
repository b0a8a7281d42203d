# What every script of a test starts with: a connection with an event loop, and short words for the usual.
import json
import os
import sys
import threading
import time

import libvirt

libvirt.registerErrorHandler(lambda *_: None, None)
libvirt.virEventRegisterDefaultImpl()


def _event_loop():
    while True:
        libvirt.virEventRunDefaultImpl()


threading.Thread(target=_event_loop, daemon=True).start()
conn = libvirt.open("lxc:///system")


def say(value):
    """One line of JSON for the test."""
    print(json.dumps(value), flush=True)


def error(function, *arguments):
    """[code, domain, message] of the error that the call must raise."""
    try:
        result = function(*arguments)
    except libvirt.libvirtError as e:
        return [e.get_error_code(), e.get_error_domain(), e.get_error_message()]
    return ["no error", str(result)]


def wait_off(name, seconds=40):
    """Waits until the domain is off, by its events."""
    changed = threading.Event()
    handle = conn.domainEventRegisterAny(
        None, libvirt.VIR_DOMAIN_EVENT_ID_LIFECYCLE, lambda *_: changed.set(), None
    )
    end = time.monotonic() + seconds
    domain = conn.lookupByName(name)
    try:
        while domain.isActive():
            if not changed.wait(max(0, end - time.monotonic())):
                raise SystemExit(f"{name} is still active after {seconds} s")
            changed.clear()
    except libvirt.libvirtError as e:
        if e.get_error_code() != libvirt.VIR_ERR_NO_DOMAIN:
            raise
    conn.domainEventDeregisterAny(handle)
