//! The recorded messages.

use serde_json::Value;

/// A message as it went over the wire, and what it says.
#[derive(Debug, Clone)]
pub struct Frame {
    /// Line in the file, counted from 1.
    pub line: usize,
    /// Name of the program.
    pub program: String,
    /// Number of the procedure.
    pub procedure: i32,
    /// Name of the procedure.
    pub name: String,
    /// Kind of the message: `CALL`, `REPLY`...
    pub kind: String,
    /// Status of the message: `OK`, `ERROR` or `CONTINUE`.
    pub status: String,
    /// Serial number.
    pub serial: u32,
    /// Number of descriptors that came with it.
    pub n_fds: u32,
    /// All bytes, the length word first.
    pub bytes: Vec<u8>,
    /// The content, null if empty.
    pub body: Value,
}

impl Frame {
    /// What follows length word and header.
    #[must_use]
    pub fn payload(&self) -> &[u8] {
        &self.bytes[28..]
    }
}

/// All recorded messages.
///
/// # Panics
/// The file is damaged.
#[must_use]
pub fn frames() -> Vec<Frame> {
    let lines = include_str!("../data/golden.jsonl").lines().enumerate();
    lines.map(|(index, line)| parse(index + 1, line).expect("every line is a message")).collect()
}

fn parse(line: usize, text: &str) -> Option<Frame> {
    let json: Value = serde_json::from_str(text).ok()?;
    let text = |key: &str| json[key].as_str().map(str::to_owned);
    Some(Frame {
        line,
        program: text("program")?,
        procedure: i32::try_from(json["proc"].as_i64()?).ok()?,
        name: text("name")?,
        kind: text("type")?,
        status: text("status")?,
        serial: u32::try_from(json["serial"].as_u64()?).ok()?,
        n_fds: u32::try_from(json["nfds"].as_u64()?).ok()?,
        bytes: unhex(json["hex"].as_str()?)?,
        body: json["body"].clone(),
    })
}

fn unhex(hex: &str) -> Option<Vec<u8>> {
    (0..hex.len()).step_by(2).map(|i| u8::from_str_radix(hex.get(i..i + 2)?, 16).ok()).collect()
}
