//! Start, stop, pause.

use std::sync::Arc;

use conf::domain::validate_container;
use protocol::calls::{
    DomainCreate, DomainCreateWithFlags, DomainCreateXml, DomainDestroy, DomainDestroyFlags, DomainReboot,
    DomainResume, DomainShutdown, DomainShutdownFlags, DomainSuspend,
};
use protocol::consts::{
    CreateFlags, PausedReason, RebootFlags, ResumedDetail, RunningReason, ShutdownFlags, SuspendedDetail,
};
use protocol::types::Domain as OnWire;
use protocol::{Result, Uuid};
use rpc::{Client, Router};
use runtime::control::{Request, StopAction};

use super::{Context, flags, no_flags, parse};
use crate::domain::Domain;
use crate::error::{invalid, of_document, of_request};
use crate::events::{Event, Lifecycle};
use crate::{Lxc, define, end, start};

pub(super) fn routes(r: &mut Router<Lxc>) {
    r.on(create).on(create_with_flags).on(create_xml);
    r.on(destroy).on(destroy_flags).on(shutdown).on(shutdown_flags).on(reboot);
    r.on(suspend).on(resume);
}

async fn create(cx: Context, call: DomainCreate) -> Result<()> {
    let domain = cx.driver.domains.find(&call.dom)?;
    start::start_defined(&cx.driver, &domain).await
}

async fn create_with_flags(cx: Context, call: DomainCreateWithFlags) -> Result<OnWire> {
    let flags = flags(call.flags, CreateFlags::START_AUTODESTROY, "lxcDomainCreateWithFiles")?;
    let domain = cx.driver.domains.find(&call.dom)?;
    start::start_defined(&cx.driver, &domain).await?;
    if flags.contains(CreateFlags::START_AUTODESTROY) {
        autodestroy(&cx.client, &domain);
    }
    Ok(domain.on_wire())
}

async fn create_xml(cx: Context, call: DomainCreateXml) -> Result<OnWire> {
    let supported = CreateFlags::START_AUTODESTROY | CreateFlags::START_VALIDATE;
    let flags = flags(call.flags, supported, "lxcDomainCreateXMLWithFiles")?;
    let lxc = &cx.driver;
    let def = parse(lxc, call.xml_desc).await?;
    validate_container(&def).map_err(|error| of_document(&error))?;
    let domain = {
        let _definitions = lxc.definitions.lock().await;
        let existing = define::existing(lxc, &def)?;
        existing.unwrap_or_else(|| {
            let domain = Arc::new(Domain::new(Uuid(def.uuid.0), &def.name, None, false));
            lxc.domains.insert(&domain);
            domain
        })
    };
    let job = domain.begin_job().await?;
    if domain.read().run.is_some() {
        return Err(invalid(&format!("domain '{}' is already active", domain.name)));
    }
    // Another client's attempt with the same document may have failed, and dropped it.
    lxc.domains.insert(&domain);
    if let Err(error) = start::start(lxc, &domain, &job, &def).await {
        lxc.forget(&domain);
        return Err(error);
    }
    if flags.contains(CreateFlags::START_AUTODESTROY) {
        autodestroy(&cx.client, &domain);
    }
    Ok(domain.on_wire())
}

/// Ends this run, and no later one, when the client goes away.
fn autodestroy(client: &Client, domain: &Arc<Domain>) {
    let Some(id) = domain.read().run.as_ref().map(|run| run.id) else { return };
    let domain = Arc::clone(domain);
    let runtime = tokio::runtime::Handle::current();
    client.on_close(Box::new(move || {
        runtime.spawn(async move {
            let is_it = domain.read().run.as_ref().is_some_and(|run| run.id == id);
            if is_it {
                tracing::info!(domain = %domain.name, id, "the client that started it has gone: destroyed");
                end::kill(&domain).await;
            }
        });
    }));
}

async fn destroy(cx: Context, call: DomainDestroy) -> Result<()> {
    stop_now(&cx.driver, &call.dom).await
}

async fn destroy_flags(cx: Context, call: DomainDestroyFlags) -> Result<()> {
    no_flags(call.flags, "lxcDomainDestroyFlags")?;
    stop_now(&cx.driver, &call.dom).await
}

async fn stop_now(lxc: &Lxc, dom: &OnWire) -> Result<()> {
    let domain = lxc.domains.find(dom)?;
    let _job = domain.begin_job().await?;
    domain.run()?;
    end::kill(&domain).await;
    Ok(())
}

async fn shutdown(cx: Context, call: DomainShutdown) -> Result<()> {
    ask(&cx, &call.dom, StopAction::PowerOff, ShutdownFlags::empty()).await
}

async fn shutdown_flags(cx: Context, call: DomainShutdownFlags) -> Result<()> {
    let ways = ShutdownFlags::INITCTL | ShutdownFlags::SIGNAL;
    let ways = flags(call.flags, ways, "lxcDomainShutdownFlags")?;
    ask(&cx, &call.dom, StopAction::PowerOff, ways).await
}

async fn reboot(cx: Context, call: DomainReboot) -> Result<()> {
    let ways = flags(call.flags, RebootFlags::INITCTL | RebootFlags::SIGNAL, "lxcDomainReboot")?;
    let ways = ShutdownFlags::from_bits_retain(ways.bits());
    ask(&cx, &call.dom, StopAction::Reboot, ways).await
}

/// Asks init to stop or reboot, in the ways given or in any.
async fn ask(cx: &Context, dom: &OnWire, action: StopAction, ways: ShutdownFlags) -> Result<()> {
    let run = cx.driver.domains.find(dom)?.run()?;
    let any = ways.is_empty();
    let request = Request::Stop {
        action,
        initctl: any || ways.contains(ShutdownFlags::INITCTL),
        signal: any || ways.contains(ShutdownFlags::SIGNAL),
    };
    run.monitor.request(request).await.map_err(|failure| of_request(&failure))?;
    Ok(())
}

async fn suspend(cx: Context, call: DomainSuspend) -> Result<()> {
    let domain = cx.driver.domains.find(&call.dom)?;
    let _job = domain.begin_job().await?;
    let run = domain.run()?;
    if run.paused.is_some() {
        return Ok(());
    }
    run.monitor.request(Request::Freeze).await.map_err(|failure| of_request(&failure))?;
    set_paused(&cx.driver, &domain, Some(PausedReason::USER));
    let event = Event::Lifecycle(Lifecycle::Suspended(SuspendedDetail::PAUSED));
    cx.driver.events.send(&domain.on_wire(), &event);
    Ok(())
}

async fn resume(cx: Context, call: DomainResume) -> Result<()> {
    let domain = cx.driver.domains.find(&call.dom)?;
    let _job = domain.begin_job().await?;
    let run = domain.run()?;
    if run.paused.is_none() {
        return Err(invalid("domain is already running"));
    }
    run.monitor.request(Request::Thaw).await.map_err(|failure| of_request(&failure))?;
    set_paused(&cx.driver, &domain, None);
    let event = Event::Lifecycle(Lifecycle::Resumed(ResumedDetail::UNPAUSED));
    cx.driver.events.send(&domain.on_wire(), &event);
    Ok(())
}

fn set_paused(lxc: &Lxc, domain: &Domain, paused: Option<PausedReason>) {
    if let Some(run) = &mut domain.write().run {
        run.paused = paused;
        if paused.is_none() {
            run.reason = RunningReason::UNPAUSED;
        }
    }
    if let Err(error) = start::save_status(lxc, domain) {
        tracing::warn!(domain = %domain.name, %error, "status");
    }
}
