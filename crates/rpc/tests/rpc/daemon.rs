//! A server with a driver made for tests.

use std::{
    fs::File,
    io::{Read, Seek, Write},
    os::fd::OwnedFd,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    time::Duration,
};

use protocol::{Call, Error, ErrorDomain, Result, Uuid, calls, events, types::Domain};
use rpc::{Access, Auth, Client, Context, Limits, Listener, Router, Routes, Server, ServerConfig, StreamIo};
use tempfile::TempDir;
use tokio::{
    net::{UnixListener, UnixStream},
    runtime::Runtime,
    sync::{Semaphore, mpsc},
};

use crate::endpoint::{FailingWriter, PatternReader, PatternWriter};

/// The state of the driver.
pub(crate) struct State {
    /// `DomainCreate` waits for a permit, `DomainDestroy` gives one.
    pub(crate) gate: Semaphore,
    /// Calls of `DomainCreate` so far that have begun and ended.
    pub(crate) begun: Mutex<(usize, usize)>,
    /// Clients that registered for events.
    pub(crate) registered: Mutex<Vec<Client>>,
    /// The other ends of consoles.
    pub(crate) consoles: Mutex<Vec<UnixStream>>,
    pub(crate) uploads: mpsc::UnboundedSender<u64>,
}

pub(crate) struct Daemon {
    pub(crate) server: Arc<Server>,
    pub(crate) state: Arc<State>,
    pub(crate) uploads: mpsc::UnboundedReceiver<u64>,
    pub(crate) runtime: Runtime,
    dir: TempDir,
}

impl Daemon {
    pub(crate) fn start() -> Self {
        Self::with(|_| {})
    }

    pub(crate) fn with_limits(limits: Limits) -> Self {
        Self::with(|config| config.limits = limits)
    }

    pub(crate) fn with(change: impl FnOnce(&mut ServerConfig)) -> Self {
        Self::with_auth(change, Auth::None, Auth::None)
    }

    /// Clients of the read-write and of the read-only socket authenticate so.
    pub(crate) fn with_auth(
        change: impl FnOnce(&mut ServerConfig),
        auth: Auth,
        auth_read_only: Auth,
    ) -> Self {
        let (uploads_sender, uploads) = mpsc::unbounded_channel();
        let state = Arc::new(State {
            gate: Semaphore::new(0),
            begun: Mutex::default(),
            registered: Mutex::default(),
            consoles: Mutex::default(),
            uploads: uploads_sender,
        });
        let mut config = ServerConfig::new("test", Arc::new(|_: &Client, name: &str| open(name)));
        change(&mut config);
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let server = Server::new(routes(Arc::clone(&state)), config);
        let dir = tempfile::tempdir().unwrap();
        let daemon = Self { server, state, uploads, runtime, dir };
        daemon.listen("sock", Access::ReadWrite, auth);
        daemon.listen("sock-ro", Access::ReadOnly, auth_read_only);
        daemon
    }

    fn listen(&self, name: &str, access: Access, auth: Auth) {
        let _context = self.runtime.enter();
        let listener = UnixListener::bind(self.dir.path().join(name)).unwrap();
        self.runtime.spawn(Arc::clone(&self.server).serve(Listener::unix(listener, access, auth)));
    }

    pub(crate) fn socket(&self) -> PathBuf {
        self.path("sock")
    }

    pub(crate) fn read_only_socket(&self) -> PathBuf {
        self.path("sock-ro")
    }

    fn path(&self, name: &str) -> PathBuf {
        Path::join(self.dir.path(), name)
    }

    /// Waits for the end of all connections.
    pub(crate) fn wait_for_clients(&self, count: usize) {
        let mut counts = self.server.watch_client_count();
        let waiting = async {
            tokio::time::timeout(Duration::from_secs(60), counts.wait_for(|now| *now == count)).await
        };
        assert!(self.runtime.block_on(waiting).is_ok(), "{} clients", self.server.client_count());
    }

    /// The other end of the console that was opened last.
    pub(crate) fn console(&self) -> std::os::unix::net::UnixStream {
        let console = self.state.consoles.lock().unwrap().pop().expect("a console is open");
        let console = console.into_std().unwrap();
        console.set_nonblocking(false).unwrap();
        console.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        console
    }
}

fn open(name: &str) -> Result<()> {
    if name == "lxc:///bogus" { Err(Error::no_connect(name)) } else { Ok(()) }
}

fn routes(state: Arc<State>) -> Routes {
    let mut router = Router::new();
    router.on(async |_: Context<State>, _: calls::ConnectGetType| Ok("LXC".to_owned()));
    router
        .on(uri)
        .on(create)
        .on(destroy)
        .on(suspend)
        .on(resume)
        .on(xml_desc)
        .on(create_xml_with_files)
        .on(capabilities)
        .on(register);
    panicking(&mut router);
    router.on_stream(open_console).on_stream(upload).on_stream(download).on_fds(open_namespace);
    router.finish(state)
}

/// Calls whose handlers panic, half of them at once and half later.
pub(crate) const PANICKING: [i32; 20] =
    [4, 5, 6, 11, 15, 16, 19, 21, 22, 23, 27, 29, 46, 56, 59, 64, 121, 122, 150, 151];

macro_rules! panicking {
    ($router:ident: $($call:ident)*) => {
        $($router.on(async |cx: Context<State>, _: calls::$call| -> Result<<calls::$call as Call>::Reply> {
            if cx.client.id() % 2 == 0 {
                tokio::task::yield_now().await;
            }
            panic!("{}", stringify!($call))
        });)*
    };
}

fn panicking(router: &mut Router<State>) {
    panicking!(router: ConnectGetVersion ConnectGetMaxVcpus NodeGetInfo DomainDefineXml DomainGetAutostart
        DomainGetInfo DomainGetOsType ConnectListDefinedDomains DomainLookupById DomainLookupByName DomainReboot
        DomainSetAutostart NetworkLookupByName DomainGetSchedulerType ConnectGetHostname DomainBlockStats
        DomainGetSecurityLabel NodeGetSecurityModel DomainIsActive DomainIsPersistent);
}

async fn uri(cx: Context<State>, _: calls::ConnectGetUri) -> Result<String> {
    Ok(cx.client.name().unwrap_or_default().to_owned())
}

async fn create(cx: Context<State>, _: calls::DomainCreate) -> Result<()> {
    cx.driver.begun.lock().unwrap().0 += 1;
    let permit = cx.driver.gate.acquire().await.map_err(|_| Error::internal(ErrorDomain::LXC, "gate"))?;
    permit.forget();
    cx.driver.begun.lock().unwrap().1 += 1;
    Ok(())
}

async fn destroy(cx: Context<State>, _: calls::DomainDestroy) -> Result<()> {
    cx.driver.gate.add_permits(1);
    Ok(())
}

async fn suspend(_: Context<State>, _: calls::DomainSuspend) -> Result<()> {
    panic!("at once")
}

async fn resume(_: Context<State>, _: calls::DomainResume) -> Result<()> {
    tokio::task::yield_now().await;
    panic!("after a while")
}

async fn xml_desc(_: Context<State>, _: calls::DomainGetXmlDesc) -> Result<String> {
    Ok("<domain/>".to_owned())
}

/// 100 KB.
async fn capabilities(_: Context<State>, _: calls::ConnectGetCapabilities) -> Result<String> {
    Ok("c".repeat(100_000))
}

/// Answers with the contents of the files as the name, and their number as the id.
async fn create_xml_with_files(cx: Context<State>, _: calls::DomainCreateXmlWithFiles) -> Result<Domain> {
    let mut name = String::new();
    let id = i32::try_from(cx.fds.len()).unwrap();
    for fd in cx.fds {
        File::from(fd).read_to_string(&mut name).unwrap();
    }
    Ok(Domain { name, uuid: Uuid::default(), id })
}

/// The first event is sent even before the registration is answered.
async fn register(cx: Context<State>, call: calls::ConnectDomainEventCallbackRegisterAny) -> Result<i32> {
    cx.client.send_event(&lifecycle(call.eventID));
    cx.driver.registered.lock().unwrap().push(cx.client);
    tokio::task::yield_now().await;
    Ok(call.eventID)
}

pub(crate) fn lifecycle(callback: i32) -> events::DomainEventCallbackLifecycle {
    let msg = events::DomainEventLifecycle { dom: domain(), event: 2, detail: 0 };
    events::DomainEventCallbackLifecycle { callbackID: callback, msg }
}

pub(crate) fn domain() -> Domain {
    Domain { name: "c1".to_owned(), uuid: Uuid([7; 16]), id: 4711 }
}

async fn open_console(cx: Context<State>, call: calls::DomainOpenConsole) -> Result<((), StreamIo)> {
    if call.dev_name.as_deref() == Some("none") {
        return Err(Error::internal(ErrorDomain::LXC, "cannot find console device 'none'"));
    }
    if call.dev_name.as_deref() == Some("slow") {
        cx.driver.begun.lock().unwrap().0 += 1;
        cx.driver.gate.acquire().await.unwrap().forget();
    }
    let (ours, theirs) = UnixStream::pair().unwrap();
    cx.driver.consoles.lock().unwrap().push(theirs);
    Ok(((), StreamIo::from_socket(ours)))
}

/// Takes `length` bytes of the pattern; more do not fit. Reports how many came when it is shut down.
async fn upload(cx: Context<State>, call: calls::StorageVolUpload) -> Result<((), StreamIo)> {
    let sender = cx.driver.uploads.clone();
    if call.offset != 0 {
        return Ok(((), StreamIo::from_writer(FailingWriter)));
    }
    Ok(((), StreamIo::from_writer(PatternWriter::new(call.length, sender))))
}

/// Yields `length` bytes of the pattern, then ends, or fails if `offset` is not 0.
async fn download(_: Context<State>, call: calls::StorageVolDownload) -> Result<((), StreamIo)> {
    Ok(((), StreamIo::from_reader(PatternReader::new(call.length, call.offset != 0))))
}

/// Three files with their numbers in them.
async fn open_namespace(_: Context<State>, _: calls::lxc::DomainOpenNamespace) -> Result<((), Vec<OwnedFd>)> {
    Ok(((), (0..3).map(|number| file_with(&number.to_string())).collect()))
}

pub(crate) fn file_with(text: &str) -> OwnedFd {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    file.rewind().unwrap();
    file.into()
}
