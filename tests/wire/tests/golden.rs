//! Every recorded message decodes to what it says and encodes to the same bytes.

use std::collections::BTreeSet;

use protocol::{
    Error, HEADER_LEN, Header, MessageType, Status, Uuid,
    calls::{ConnectListAllDomains, DomainGetInfo, DomainGetMemoryParameters, NodeGetInfo},
    error::ErrorBody,
    events::DomainEventCallbackLifecycle,
    header::StreamHole,
};
use serde_json::Value;
use wire::{
    codec::{Codec, Codecs},
    facts,
    golden::{Frame, frames},
    shape::Shapes,
    value,
};
use xdr::{Reader, Xdr};

/// Names of the fields of the body of a procedure.
struct Names {
    shapes: Shapes,
    rows: Vec<facts::Row>,
}

impl Names {
    fn load() -> Self {
        Self { shapes: Shapes::load(), rows: facts::procedures() }
    }

    fn of(&self, frame: &Frame, column: &str) -> Vec<&'static str> {
        let number = frame.procedure.to_string();
        let row = self.rows.iter().find(|row| row["program"] == frame.program && row["number"] == number);
        self.shapes.names(row.expect("a procedure")[column])
    }
}

fn key(frame: &Frame) -> (u32, i32) {
    (facts::program(&frame.program), frame.procedure)
}

fn header(frame: &Frame) -> Header {
    xdr::from_bytes(&frame.bytes[4..]).expect("a header")
}

fn check_body(frame: &Frame, codec: &Codec, names: &[&str], payload: &[u8]) {
    let (again, left_over) = (codec.recode)(payload)
        .unwrap_or_else(|error| panic!("line {}, {}: {error}", frame.line, frame.name));
    assert_eq!(left_over, 0, "line {}: {}", frame.line, frame.name);
    assert_eq!(again, payload, "line {}: {}", frame.line, frame.name);
    let decoded = value::body(codec.layout, names, payload).expect("decodes by its layout too");
    assert_eq!(decoded, frame.body, "line {}: {}", frame.line, frame.name);
}

/// Checks the error in a payload through the typed error and back.
fn check_error(frame: &Frame, payload: &[u8]) {
    let body: ErrorBody = xdr::from_bytes(payload).expect("an error");
    let names = Shapes::load().names("virNetMessageError");
    assert_eq!(
        value::body(ErrorBody::LAYOUT, &names, payload),
        Ok(frame.body.clone()),
        "line {}",
        frame.line
    );
    let error = Error::from_wire(body);
    assert_eq!(xdr::to_bytes(&error.to_wire()).as_deref(), Ok(payload), "line {}", frame.line);
}

#[test]
fn headers() {
    for frame in frames() {
        let length = u32::from_be_bytes(frame.bytes[..4].try_into().unwrap());
        assert_eq!(length as usize, frame.bytes.len(), "line {}", frame.line);
        let header = header(&frame);
        assert_eq!(
            xdr::to_bytes(&header).as_deref(),
            Ok(&frame.bytes[4..4 + HEADER_LEN]),
            "line {}",
            frame.line
        );
        assert_eq!((header.program, header.procedure), key(&frame), "line {}", frame.line);
        assert_eq!((header.version, header.serial), (1, frame.serial), "line {}", frame.line);
        assert_eq!(header.kind.name(), Some(frame.kind.as_str()), "line {}", frame.line);
        assert_eq!(header.status.name(), Some(frame.status.as_str()), "line {}", frame.line);
    }
}

#[test]
fn bodies() {
    let codecs = Codecs::load();
    let names = Names::load();
    let mut seen = BTreeSet::new();
    for frame in frames() {
        let header = header(&frame);
        let mut payload = Reader::new(frame.payload());
        if matches!(header.kind, MessageType::CALL_WITH_FDS | MessageType::REPLY_WITH_FDS) {
            assert_eq!(u32::decode(&mut payload), Ok(frame.n_fds), "line {}", frame.line);
        }
        let payload = payload.rest();
        match (header.kind, header.status) {
            (MessageType::CALL | MessageType::CALL_WITH_FDS, Status::OK) => {
                check_body(&frame, &codecs.args[&key(&frame)], &names.of(&frame, "args"), payload);
            }
            (MessageType::REPLY | MessageType::REPLY_WITH_FDS, Status::OK) => {
                check_body(&frame, &codecs.replies[&key(&frame)], &names.of(&frame, "reply"), payload);
            }
            (MessageType::MESSAGE, Status::OK) => {
                check_body(&frame, &codecs.events[&key(&frame)], &names.of(&frame, "msg"), payload);
            }
            (MessageType::REPLY, Status::ERROR) => check_error(&frame, payload),
            (MessageType::STREAM, Status::ERROR) if !payload.is_empty() => check_error(&frame, payload),
            (MessageType::STREAM, Status::OK | Status::ERROR) => {
                assert_eq!(payload, b"", "line {}", frame.line);
            }
            (MessageType::STREAM, Status::CONTINUE) => {
                assert_eq!(frame.body["bytes"], payload.len(), "line {}", frame.line);
            }
            (MessageType::STREAM_HOLE, Status::CONTINUE) => {
                let hole: StreamHole = xdr::from_bytes(payload).unwrap();
                assert_eq!(frame.body["length"], hole.length, "line {}", frame.line);
                assert_eq!(xdr::to_bytes(&hole).as_deref(), Ok(payload), "line {}", frame.line);
            }
            other => panic!("line {}: unexpected {other:?}", frame.line),
        }
        seen.insert((frame.kind, frame.status));
    }
    assert_eq!(seen.len(), 9, "all kinds of messages were checked: {seen:?}");
}

/// The first successful message of a kind for a procedure, decoded.
fn decoded<T: Xdr>(kind: &str, name: &str) -> (T, Value) {
    let mut frames = frames().into_iter();
    let frame = frames
        .find(|frame| {
            frame.kind == kind && frame.name == name && frame.status == "OK" && frame.program == "remote"
        })
        .unwrap_or_else(|| panic!("no {kind} of {name}"));
    (xdr::from_bytes(frame.payload()).expect("it decodes"), frame.body)
}

#[test]
fn typed_values() {
    let (info, json) = decoded::<<NodeGetInfo as protocol::Call>::Reply>("REPLY", "node_get_info");
    assert_eq!(info.model.to_text(), "x86_64");
    assert_eq!(json["memory"], info.memory);
    assert_eq!(json["threads"], info.threads);

    let (call, json) = decoded::<DomainGetInfo>("CALL", "domain_get_info");
    assert_eq!(json["dom"]["name"], call.dom.name);
    assert_eq!(json["dom"]["uuid"], call.dom.uuid.to_string().replace('-', ""));
    assert_eq!(call.dom.uuid.to_string().parse::<Uuid>(), Ok(call.dom.uuid));
    assert_eq!(json["dom"]["id"], call.dom.id);

    let (info, json) = decoded::<<DomainGetInfo as protocol::Call>::Reply>("REPLY", "domain_get_info");
    assert_eq!(json["state"], info.state);
    assert_eq!(json["maxMem"], info.maxMem);
    assert_eq!(json["nrVirtCpu"], info.nrVirtCpu);

    let ((domains, count), json) =
        decoded::<<ConnectListAllDomains as protocol::Call>::Reply>("REPLY", "connect_list_all_domains");
    assert_eq!(json["ret"], count);
    assert_eq!(json["domains"].as_array().unwrap().len(), domains.len());

    type Parameters = <DomainGetMemoryParameters as protocol::Call>::Reply;
    let ((params, nparams), json) = decoded::<Parameters>("REPLY", "domain_get_memory_parameters");
    assert_eq!(json["nparams"], nparams);
    assert_eq!(json["params"].as_array().unwrap().len(), params.len());

    let (event, json) = decoded::<DomainEventCallbackLifecycle>("MESSAGE", "domain_event_callback_lifecycle");
    assert_eq!(json["callbackID"], event.callbackID);
    assert_eq!(json["msg"]["event"], event.msg.event);
    assert_eq!(json["msg"]["dom"]["name"], event.msg.dom.name);
}
