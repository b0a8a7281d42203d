//! Names derived from the names of call types at compile time: `DomainGetXmlDesc` is the procedure
//! `domain_get_xml_desc` and the public function `virDomainGetXMLDesc`.

/// Words that libvirt's functions spell with other capitals than Rust types.
const SPELLINGS: &[(&str, &str)] = &[
    ("Cpu", "CPU"),
    ("Fd", "FD"),
    ("Fs", "FS"),
    ("Id", "ID"),
    ("Iothread", "IOThread"),
    ("Nwfilter", "NWFilter"),
    ("Nwfilters", "NWFilters"),
    ("Os", "OS"),
    ("Pm", "PM"),
    ("Ssh", "SSH"),
    ("Uuid", "UUID"),
    ("Xml", "XML"),
];

const PREFIX: &[u8] = b"vir";

/// Length of [`snake`].
pub(crate) const fn snake_len(camel: &str) -> usize {
    let bytes = camel.as_bytes();
    let mut length = bytes.len();
    let mut i = 1;
    while i < bytes.len() {
        if bytes[i].is_ascii_uppercase() {
            length += 1;
        }
        i += 1;
    }
    length
}

/// `DomainCreateXml` as `domain_create_xml`.
pub(crate) const fn snake<const N: usize>(camel: &str) -> [u8; N] {
    let bytes = camel.as_bytes();
    let mut out = [0; N];
    let (mut i, mut o) = (0, 0);
    while i < bytes.len() {
        if i > 0 && bytes[i].is_ascii_uppercase() {
            out[o] = b'_';
            o += 1;
        }
        out[o] = bytes[i].to_ascii_lowercase();
        o += 1;
        i += 1;
    }
    out
}

/// Length of [`function`].
pub(crate) const fn function_len(camel: &str) -> usize {
    PREFIX.len() + camel.len()
}

/// `DomainCreateXml` as `virDomainCreateXML`.
pub(crate) const fn function<const N: usize>(camel: &str) -> [u8; N] {
    let bytes = camel.as_bytes();
    let mut out = [0; N];
    let mut o = 0;
    while o < PREFIX.len() {
        out[o] = PREFIX[o];
        o += 1;
    }
    let mut start = 0;
    while start < bytes.len() {
        let mut end = start + 1;
        while end < bytes.len() && !bytes[end].is_ascii_uppercase() {
            end += 1;
        }
        let word = spelling(bytes, start, end);
        let mut i = 0;
        while i < end - start {
            out[o] = match word {
                Some(word) => word[i],
                None => bytes[start + i],
            };
            o += 1;
            i += 1;
        }
        start = end;
    }
    out
}

const fn spelling(bytes: &[u8], start: usize, end: usize) -> Option<&'static [u8]> {
    let mut s = 0;
    while s < SPELLINGS.len() {
        let word = SPELLINGS[s].0.as_bytes();
        if word.len() == end - start {
            let mut i = 0;
            while i < word.len() && word[i] == bytes[start + i] {
                i += 1;
            }
            if i == word.len() {
                return Some(SPELLINGS[s].1.as_bytes());
            }
        }
        s += 1;
    }
    None
}

/// The bytes as text.
pub(crate) const fn text(bytes: &[u8]) -> &str {
    match str::from_utf8(bytes) {
        Ok(text) => text,
        Err(_) => panic!("type names are ASCII"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check<const S: usize, const F: usize>(camel: &str, snake_name: &str, function_name: &str) {
        assert_eq!(snake_len(camel), S);
        assert_eq!(text(&snake::<S>(camel)), snake_name);
        assert_eq!(function_len(camel), F);
        assert_eq!(text(&function::<F>(camel)), function_name);
    }

    #[test]
    fn names_are_derived_from_the_type() {
        check::<13, 15>("DomainCreate", "domain_create", "virDomainCreate");
        check::<19, 19>("DomainGetXmlDesc", "domain_get_xml_desc", "virDomainGetXMLDesc");
        check::<19, 20>("DomainLookupByUuid", "domain_lookup_by_uuid", "virDomainLookupByUUID");
    }
}
