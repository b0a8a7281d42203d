//! R18, R19, R20: races about domains.

use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use protocol::calls;
use testkit::{Host, Init};

use crate::bed::{define, document, figure};
use crate::raw::Raw;

#[test]
fn r18_one_of_two_wins() {
    const ROUNDS: usize = 300;
    let host = Host::start();
    let barrier = Barrier::new(2);
    let won = std::thread::scope(|scope| {
        let race = |_: usize| {
            let mut raw = Raw::open(&host.socket());
            let barrier = &barrier;
            let mut won = Vec::new();
            for _ in 0..ROUNDS {
                barrier.wait();
                // The same name, and a uuid that is made up.
                let result = define(&mut raw, &document("prize"));
                barrier.wait();
                if let Ok(dom) = &result {
                    raw.call(&calls::DomainUndefine { dom: dom.clone() }).unwrap();
                }
                won.push(result);
            }
            won
        };
        let both = [0, 1].map(|n| scope.spawn(move || race(n)));
        both.map(|thread| thread.join().unwrap())
    });
    for (first, second) in won[0].iter().zip(&won[1]) {
        assert_ne!(first.is_ok(), second.is_ok(), "{first:?} {second:?}");
        let error = first.as_ref().err().or_else(|| second.as_ref().err()).unwrap();
        assert_eq!(error.code.0, 9, "{error:?}");
        assert!(error.message.contains("already exists with uuid"), "{error:?}");
    }
}

#[test]
fn r18_odd_uuids() {
    let host = Host::start();
    let mut raw = Raw::open(&host.socket());
    let with =
        |name: &str, uuid: &str| document(name).replace("<memory>", &format!("<uuid>{uuid}</uuid><memory>"));
    let uuid = "11111111-2222-4333-8444-555555555555";
    let first = define(&mut raw, &with("a", uuid)).unwrap();
    assert_eq!(define(&mut raw, &with("b", uuid)).unwrap_err().code.0, 9, "same uuid, other name");
    assert_eq!(define(&mut raw, &document("a")).unwrap_err().code.0, 9, "same name, other uuid");
    assert_eq!(define(&mut raw, &with("a", uuid)).unwrap(), first, "the same again");
    for uuid in ["x", "11111111-2222-4333-8444-55555555555", "11111111-2222-4333-8444-5555555555555"] {
        assert!(define(&mut raw, &with("c", uuid)).is_err(), "{uuid}");
    }
    define(&mut raw, &with("f", "ffffffff-ffff-ffff-ffff-ffffffffffff")).unwrap();
}

#[test]
fn r19_lists_while_domains_come_and_go() {
    let host = Host::start();
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for worker in 0..3 {
            let (host, stop) = (&host, &stop);
            scope.spawn(move || {
                let mut raw = Raw::open(&host.socket());
                for round in 0.. {
                    let dom = define(&mut raw, &document(&format!("w{worker}-{}", round % 7))).unwrap();
                    raw.call(&calls::DomainUndefine { dom }).unwrap();
                    if stop.load(Ordering::Relaxed) {
                        break;
                    }
                }
            });
        }
        let mut raw = Raw::open(&host.socket());
        let began = Instant::now();
        while began.elapsed() < Duration::from_secs(2) {
            let (all, count) = raw.call(&calls::ConnectListAllDomains { need_results: 1, flags: 0 }).unwrap();
            assert_eq!(all.len(), usize::try_from(count).unwrap());
            assert!(all.len() <= 3, "{all:?}");
            if host.subject().is_ours() {
                assert!(all.is_sorted_by_key(|dom| dom.name.clone()), "{all:?}");
            }
            let few = raw.call(&calls::ConnectListDefinedDomains { maxnames: 1 }).unwrap();
            assert!(few.len() <= 1);
        }
        stop.store(true, Ordering::Relaxed);
    });
}

/// The client is killed in the middle: its container goes with it.
#[test]
fn r20_a_killed_client_takes_its_container_along() {
    let host = Host::start();
    let _root = host.container("web", &Init::Plain);
    let mut python = host.python_start(
        "domain = conn.lookupByName('web')\ndomain.createWithFlags(libvirt.VIR_DOMAIN_START_AUTODESTROY)\n\
         say('up')\nsys.stdin.read()",
    );
    assert_eq!(python.hear(), "up");
    let began = Instant::now();
    host.kill("KILL", python.pid());
    host.wait_off("web");
    let time = began.elapsed();
    figure(&host, "R20", "ms until the container of a killed client is gone", time.as_millis());
    assert!(time < Duration::from_secs(5), "{time:?}");
}
