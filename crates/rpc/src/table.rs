//! All procedures that a server knows, and who answers them.

use std::fmt;

use protocol::{CALLS, CallInfo, Error, Header, header};

use crate::{
    builtin::Builtin,
    router::{Route, Routes},
};

/// The procedures of a server's programs by number.
pub(crate) struct Table {
    programs: Vec<(u32, Vec<Option<Entry>>)>,
}

/// One procedure.
pub(crate) struct Entry {
    pub info: &'static CallInfo,
    pub target: Target,
    /// The call registers for events, none of which may precede its reply.
    pub holds_events: bool,
}

/// Who answers a call.
pub(crate) enum Target {
    /// This crate.
    Builtin(Builtin),
    /// A driver.
    Route(Route),
    /// Nobody.
    Unserved,
}

impl Table {
    pub(crate) fn new(programs: &[u32], routes: Routes) -> Self {
        let mut table = Self { programs: programs.iter().map(|program| (*program, Vec::new())).collect() };
        for info in CALLS {
            let target = Builtin::of(info).map_or(Target::Unserved, Target::Builtin);
            table.insert(info, target);
        }
        for (info, route) in routes.into_handlers() {
            let answered = table.entry(info.program, info.procedure).map(|entry| &entry.target);
            assert!(!matches!(answered, Some(Target::Builtin(_))), "{} needs no handler", info.name);
            table.insert(info, Target::Route(route));
        }
        table
    }

    fn insert(&mut self, info: &'static CallInfo, target: Target) {
        let program = self.programs.iter_mut().find(|(program, _)| *program == info.program);
        let (Some((_, entries)), Ok(index)) = (program, usize::try_from(info.procedure)) else { return };
        if entries.len() <= index {
            entries.resize_with(index + 1, || None);
        }
        let holds_events = info.name.contains("_event_") && info.name.contains("_register");
        entries[index] = Some(Entry { info, target, holds_events });
    }

    fn entry(&self, program: u32, procedure: i32) -> Option<&Entry> {
        let (_, entries) = self.programs.iter().find(|(known, _)| *known == program)?;
        entries.get(usize::try_from(procedure).ok()?)?.as_ref()
    }

    /// The procedure that a call is for, or the error to answer it with.
    pub(crate) fn find(&self, header: &Header) -> Result<&Entry, Error> {
        let known = self.programs.iter().any(|(program, _)| *program == header.program);
        if !known || header.version != header::VERSION {
            return Err(Error::unknown_program(header.program, header.version));
        }
        if header.status != protocol::Status::OK {
            return Err(Error::rpc(&format!("Unexpected message status {}", header.status.0)));
        }
        self.entry(header.program, header.procedure).ok_or_else(|| Error::unknown_procedure(header.procedure))
    }
}

impl fmt::Debug for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.programs.iter().map(|(program, _)| program)).finish()
    }
}

#[cfg(test)]
mod tests {
    use protocol::header::REMOTE;

    use super::Table;
    use crate::router::Routes;

    #[test]
    fn registrations_hold_events_back() {
        let table = Table::new(&[REMOTE], Routes::default());
        let holds = |procedure| table.entry(REMOTE, procedure).unwrap().holds_events;
        for procedure in [105, 167, 313, 316, 368, 374, 380] {
            assert!(holds(procedure), "{procedure}");
        }
        for procedure in [1, 106, 168, 314, 317, 360, 361, 369] {
            assert!(!holds(procedure), "{procedure}");
        }
    }
}
