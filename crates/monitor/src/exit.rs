//! What the end of init means.

use kernel::pidfd::Exit;
use runtime::control::{Cause, StopAction};
use runtime::stop::Delivered;

// By which "signal" the kernel tells of reboot(2) in a pid namespace, pid_namespaces(7).
const SIGHUP: i32 = 1;
const SIGINT: i32 = 2;

/// What was asked of init since it started.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Asked {
    power_off: bool,
    /// To a program that cannot restart itself and was asked to end instead.
    restart: bool,
}

impl Asked {
    /// Remembers a request that was delivered; the last one counts.
    pub(crate) fn remember(&mut self, action: StopAction, delivered: Delivered) {
        self.power_off = action == StopAction::PowerOff;
        self.restart = action == StopAction::Reboot && delivered == Delivered::Terminate;
    }
}

/// What comes after the end of init.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Next {
    Restart,
    End(Cause),
}

/// Decides by how init ended. `on_reboot`: whether a reboot restarts.
///
/// After a request to power off any exit status is a shutdown: many programs exit with 143 on `SIGTERM`.
pub(crate) fn next(exit: Exit, asked: Asked, on_reboot: bool) -> Next {
    let reboot = if on_reboot { Next::Restart } else { Next::End(Cause::Reboot) };
    match exit {
        Exit::Signal(SIGHUP) => reboot,
        Exit::Status(_) if asked.restart => reboot,
        Exit::Signal(SIGINT) | Exit::Status(0) => Next::End(Cause::Shutdown),
        Exit::Status(_) if asked.power_off => Next::End(Cause::Shutdown),
        Exit::Status(status) => Next::End(Cause::Crashed { status: Some(status), signal: None }),
        Exit::Signal(signal) => Next::End(Cause::Crashed { status: None, signal: Some(signal) }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn meanings() {
        let nothing = Asked::default();
        let asked = |action, delivered| {
            let mut asked = Asked::default();
            asked.remember(action, delivered);
            asked
        };
        let off = asked(StopAction::PowerOff, Delivered::Terminate);
        let again = asked(StopAction::Reboot, Delivered::Terminate);
        let by_init = asked(StopAction::Reboot, Delivered::Signal(39));
        let crashed = |status, signal| Next::End(Cause::Crashed { status, signal });
        let check = |exit, asked, expect: &Next| {
            assert_eq!(next(exit, asked, true), *expect, "{exit:?} {asked:?}");
            let without = if *expect == Next::Restart { &Next::End(Cause::Reboot) } else { expect };
            assert_eq!(next(exit, asked, false), *without, "{exit:?} {asked:?}");
        };
        let shutdown = Next::End(Cause::Shutdown);
        check(Exit::Status(0), nothing, &shutdown);
        check(Exit::Signal(2), nothing, &shutdown);
        check(Exit::Signal(1), nothing, &Next::Restart);
        check(Exit::Signal(1), off, &Next::Restart);
        check(Exit::Status(3), nothing, &crashed(Some(3), None));
        check(Exit::Signal(9), nothing, &crashed(None, Some(9)));
        check(Exit::Signal(9), off, &crashed(None, Some(9)));
        check(Exit::Status(143), off, &shutdown);
        check(Exit::Status(143), again, &Next::Restart);
        check(Exit::Status(0), again, &Next::Restart);
        check(Exit::Status(0), by_init, &shutdown);
        check(Exit::Status(1), by_init, &crashed(Some(1), None));
    }
}
