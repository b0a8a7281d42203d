//! What happens after an end.

use conf::domain::{DomainDef, LifecycleAction as Action};
use protocol::calls::DomainSetLifecycleAction;
use protocol::consts::{Lifecycle, LifecycleAction};
use protocol::{Error, ErrorDomain, Result};
use rpc::Router;
use runtime::control::Request;

use super::{AFFECT, Context, flags};
use crate::Lxc;
use crate::error::of_request;
use crate::impact::{Target, change, no_limits};

pub(super) fn routes(r: &mut Router<Lxc>) {
    r.on(set_lifecycle_action);
}

async fn set_lifecycle_action(cx: Context, call: DomainSetLifecycleAction) -> Result<()> {
    let affect = flags(call.flags, AFFECT, "lxcDomainSetLifecycleAction")?;
    let (event, action) = known(call.r#type, call.action)?;
    let domain = cx.driver.domains.find(&call.dom)?;
    let edit = |def: &mut DomainDef, _: Target| {
        *match event {
            Lifecycle::POWEROFF => &mut def.on_poweroff,
            Lifecycle::REBOOT => &mut def.on_reboot,
            _ => &mut def.on_crash,
        } = action;
        Ok(())
    };
    change(&cx.driver, &domain, affect, edit, no_limits).await?;
    let run = domain.read().run.clone();
    if let Some(run) = run
        && event == Lifecycle::REBOOT
    {
        // Whatever was meant, this is what the running one's definition says now.
        let restart = crate::start::restarts(run.def.on_reboot);
        let request = Request::SetOnReboot { restart };
        run.monitor.request(request).await.map_err(|failure| of_request(&failure))?;
    }
    Ok(())
}

/// The event and the action, if they go together.
fn known(event: u32, action: u32) -> Result<(Lifecycle, Action)> {
    let refuse = |detail: String| Err(Error::invalid_arg(ErrorDomain::LXC, &detail));
    let event = Lifecycle(event);
    let name = match event {
        Lifecycle::POWEROFF => "poweroff",
        Lifecycle::REBOOT => "reboot",
        Lifecycle::CRASH => "crash",
        Lifecycle(other) => return refuse(format!("unsupported lifecycle type '{other}'")),
    };
    let action = match LifecycleAction(action) {
        LifecycleAction::DESTROY => Action::Destroy,
        LifecycleAction::RESTART => Action::Restart,
        LifecycleAction::RESTART_RENAME => Action::RenameRestart,
        LifecycleAction::PRESERVE => Action::Preserve,
        LifecycleAction::COREDUMP_DESTROY => Action::CoredumpDestroy,
        LifecycleAction::COREDUMP_RESTART => Action::CoredumpRestart,
        LifecycleAction(other) => return refuse(format!("unsupported lifecycle action '{other}'")),
    };
    if event != Lifecycle::CRASH && matches!(action, Action::CoredumpDestroy | Action::CoredumpRestart) {
        let detail = format!("Lifecycle event '{name}' doesn't support '{action}' action");
        return Err(Error::config_unsupported(ErrorDomain::DOMAIN, &detail));
    }
    Ok((event, action))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_together() {
        let check = |event, action, expect: Result<Action, i32>| {
            let found = known(event, action).map(|(_, action)| action);
            assert_eq!(found.map_err(|error| error.code.0), expect, "{event} {action}");
        };
        check(0, 0, Ok(Action::Destroy));
        check(1, 1, Ok(Action::Restart));
        check(1, 2, Ok(Action::RenameRestart));
        check(2, 5, Ok(Action::CoredumpRestart));
        check(1, 4, Err(67));
        check(3, 0, Err(8));
        check(0, 6, Err(8));
    }
}
