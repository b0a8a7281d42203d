//! An established TLS session between the messages and the socket.

use std::io::{self, ErrorKind, IoSlice, Read, Write};

use rustls::ServerConnection;

use crate::socket::{Layer, Raw};

/// A TLS session.
#[derive(Debug)]
pub(crate) struct TlsLayer {
    session: ServerConnection,
    /// Bytes that are encrypted and not yet all sent.
    accepted: usize,
}

impl TlsLayer {
    pub(super) const fn new(session: ServerConnection) -> Self {
        Self { session, accepted: 0 }
    }

    /// Sends what is encrypted; false if the socket is full.
    fn push_out(&mut self, raw: &mut Raw<'_>) -> io::Result<bool> {
        while self.session.wants_write() {
            match self.session.write_tls(raw) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(false),
                Err(error) => return Err(error),
            }
        }
        Ok(true)
    }
}

impl Layer for TlsLayer {
    fn receive(&mut self, raw: &mut Raw<'_>, buffer: &mut [u8]) -> io::Result<Option<usize>> {
        loop {
            match self.session.reader().read(buffer) {
                Ok(count) => return Ok(Some(count)),
                // A client that closes its socket without a word.
                Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(Some(0)),
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
            match self.session.read_tls(raw) {
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(None),
                Err(error) => return Err(error),
            }
            let processed = self.session.process_new_packets();
            // Alerts, and answers to changes of keys. What the socket does not take goes with the next message.
            let pushed = self.push_out(raw);
            processed.map_err(|error| io::Error::new(ErrorKind::InvalidData, error))?;
            pushed?;
        }
    }

    fn send(&mut self, raw: &mut Raw<'_>, parts: &[IoSlice<'_>]) -> io::Result<Option<usize>> {
        if self.accepted == 0 {
            self.accepted = self.session.writer().write_vectored(parts)?;
        }
        Ok(self.push_out(raw)?.then(|| std::mem::take(&mut self.accepted)))
    }

    fn end(&mut self, raw: &mut Raw<'_>) {
        self.session.send_close_notify();
        let _ = self.push_out(raw);
    }
}
