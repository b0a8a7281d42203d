//! A recorder of domain events.

use crate::domain::Domain;
use crate::host::Host;
use crate::python::Python;

const RECORDER: &str = include_str!("python/events.py");
/// Domain whose definition marks a point in the stream of events.
const MARK: &str = "event-mark";

/// Records the lifecycle, reboot and metadata events of every domain, each as a line such as
/// `c1 STARTED/BOOTED`, `c1 REBOOT` or `c1 METADATA title -`.
#[derive(Debug)]
pub struct Events<'h> {
    host: &'h Host,
    recorder: Python,
}

impl Host {
    /// Records events from now on.
    #[track_caller]
    #[must_use]
    pub fn events(&self) -> Events<'_> {
        let mut recorder = self.python_start(RECORDER);
        assert_eq!(recorder.hear(), "ready");
        Events { host: self, recorder }
    }
}

impl Events<'_> {
    /// Every event since the last call. Nothing that has happened before the call is missed, and nobody has to
    /// guess how long to wait: the daemon sends events in order, so one made here comes after all others.
    #[track_caller]
    #[must_use]
    pub fn take(&mut self) -> Vec<String> {
        self.host.define(&Domain::new(MARK).init("/bin/true"));
        self.host.virsh(&["undefine", MARK]).done();
        let mut events = Vec::new();
        loop {
            match self.hear() {
                event if event == format!("{MARK} UNDEFINED/REMOVED") => return events,
                event if event.starts_with(MARK) => {}
                event => events.push(event),
            }
        }
    }

    /// Waits until `last` has come, and returns it with the events before it.
    #[track_caller]
    pub fn until(&mut self, last: &str) -> Vec<String> {
        let mut events = Vec::new();
        while events.last().is_none_or(|event| event != last) {
            events.push(self.hear());
        }
        events
    }

    #[track_caller]
    fn hear(&mut self) -> String {
        match self.recorder.hear().as_str() {
            Some(event) => event.to_owned(),
            None => panic!("an event is a string"),
        }
    }
}
