//! Writing to the places where the log goes. What cannot be written is lost: the daemon does not wait for its log.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::net::UnixDatagram;

use super::line::Line;
use super::output::Destination;

/// Socket of the journal (its native protocol, see systemd's JOURNAL_NATIVE_PROTOCOL).
const JOURNAL: &str = "/run/systemd/journal/socket";

/// Socket of syslog (syslog(3)).
const SYSLOG: &str = "/dev/log";

/// The facility LOG_DAEMON of syslog(3).
const FACILITY: u8 = 3;

/// Name of the program in the journal.
const PROGRAM: &str = "virtcontainerd";

/// Longest text of a datagram, in bytes.
const TEXT_MAX: usize = 60 << 10;

/// An open output.
#[derive(Debug)]
pub(super) enum Sink {
    Stderr,
    Journald(UnixDatagram),
    Syslog(UnixDatagram, String),
    File(File),
}

impl Sink {
    pub(super) fn open(destination: &Destination) -> io::Result<Self> {
        Ok(match destination {
            Destination::Stderr => Self::Stderr,
            Destination::Journald => Self::Journald(datagrams()?),
            Destination::Syslog(name) => Self::Syslog(datagrams()?, name.clone()),
            Destination::File(path) => {
                let file = OpenOptions::new().append(true).create(true).mode(0o600).open(path);
                let of =
                    |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", path.display()));
                Self::File(file.map_err(of)?)
            }
        })
    }

    pub(super) fn write(&self, line: &Line) {
        let _ = match self {
            Self::Stderr => io::stderr().write_all(line.stamped().as_bytes()),
            Self::File(file) => (&*file).write_all(line.stamped().as_bytes()),
            Self::Journald(socket) => socket.send_to(&journal_record(line), JOURNAL).map(drop),
            Self::Syslog(socket, name) => {
                socket.send_to(syslog_record(line, name).as_bytes(), SYSLOG).map(drop)
            }
        };
    }
}

fn datagrams() -> io::Result<UnixDatagram> {
    let socket = UnixDatagram::unbound()?;
    socket.set_nonblocking(true)?;
    Ok(socket)
}

/// `FIELD=VALUE` a line. The text has no line ends.
fn journal_record(line: &Line) -> Vec<u8> {
    let mut record = format!(
        "MESSAGE={}\nPRIORITY={}\nSYSLOG_FACILITY={FACILITY}\nSYSLOG_IDENTIFIER={PROGRAM}\nLIBVIRT_SOURCE={}\n",
        cut(&line.text),
        line.priority.as_syslog(),
        line.origin
    );
    if let (Some(file), Some(number)) = (line.file, line.line) {
        record.push_str(&format!("CODE_FILE={file}\nCODE_LINE={number}\n"));
    }
    record.into_bytes()
}

/// RFC 3164 as local programs write it; the time is the receiver's to add.
fn syslog_record(line: &Line, name: &str) -> String {
    let priority = FACILITY << 3 | line.priority.as_syslog();
    format!("<{priority}>{name}[{}]: {}", std::process::id(), cut(&line.text))
}

fn cut(text: &str) -> &str {
    let end = (0..=TEXT_MAX.min(text.len())).rev().find(|end| text.is_char_boundary(*end));
    &text[..end.unwrap_or(0)]
}

#[cfg(test)]
mod tests {
    use super::super::filter::Priority;
    use super::*;

    fn line() -> Line {
        let text = "started domain=\"web\"".to_owned();
        Line {
            priority: Priority::Info,
            origin: "lxc.start".to_owned(),
            file: Some("a.rs"),
            line: Some(7),
            text,
        }
    }

    #[test]
    fn records() {
        let record = String::from_utf8(journal_record(&line())).unwrap();
        assert_eq!(
            record,
            "MESSAGE=started domain=\"web\"\nPRIORITY=6\nSYSLOG_FACILITY=3\nSYSLOG_IDENTIFIER=virtcontainerd\n\
             LIBVIRT_SOURCE=lxc.start\nCODE_FILE=a.rs\nCODE_LINE=7\n"
        );
        let expected = format!("<30>me[{}]: started domain=\"web\"", std::process::id());
        assert_eq!(syslog_record(&line(), "me"), expected);
        let pid = std::process::id();
        let stamped = line().stamped();
        let (time, rest) = stamped.split_once(": ").unwrap();
        assert_eq!(rest, format!("{pid}: info : lxc.start:7 : started domain=\"web\"\n"));
        assert!(time.ends_with('Z') && time.starts_with("20"), "{time}");
    }

    #[test]
    fn long_texts_are_cut_between_characters() {
        let long = "ü".repeat(TEXT_MAX);
        assert_eq!(cut(&long).len(), TEXT_MAX);
        assert_eq!(cut("kurz"), "kurz");
    }
}
