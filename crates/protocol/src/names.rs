//! Names derived from the names of call types at compile time: `DomainGetXmlDesc` is the procedure
//! `domain_get_xml_desc` and the public function `virDomainGetXMLDesc`.

/// Words that libvirt's functions spell with other capitals than Rust types.
const fn spelling(word: &[u8]) -> Option<&'static [u8]> {
    Some(match word {
        b"Cpu" => b"CPU",
        b"Fd" => b"FD",
        b"Id" => b"ID",
        b"Iothread" => b"IOThread",
        b"Nwfilter" => b"NWFilter",
        b"Nwfilters" => b"NWFilters",
        b"Os" => b"OS",
        b"Pm" => b"PM",
        b"Ssh" => b"SSH",
        b"Uuid" => b"UUID",
        b"Xml" => b"XML",
        _ => return None,
    })
}

/// Longer names do not compile.
const LENGTH_MAX: usize = 64;

/// Both names of a call.
pub(crate) struct Names {
    procedure: [u8; LENGTH_MAX],
    procedure_length: usize,
    function: [u8; LENGTH_MAX],
    function_length: usize,
}

impl Names {
    /// The names that belong to the name of a type.
    // Plain loops without calls: the compiler's interpreter runs this for every call of the protocol.
    pub(crate) const fn of(camel: &str) -> Self {
        let camel = camel.as_bytes();
        let mut procedure = [0; LENGTH_MAX];
        let mut function = [0; LENGTH_MAX];
        [function[0], function[1], function[2]] = *b"vir";
        let (mut i, mut o, mut word) = (0, 0, 0);
        while i < camel.len() {
            let byte = camel[i];
            if byte >= b'A' && byte <= b'Z' {
                if i > 0 {
                    respell(&mut function, camel, word, i);
                    word = i;
                    procedure[o] = b'_';
                    o += 1;
                }
                procedure[o] = byte + (b'a' - b'A');
            } else {
                procedure[o] = byte;
            }
            function[i + 3] = byte;
            o += 1;
            i += 1;
        }
        respell(&mut function, camel, word, i);
        Self { procedure, procedure_length: o, function, function_length: i + 3 }
    }

    /// The name of the procedure.
    pub(crate) const fn procedure(&self) -> &str {
        text(&self.procedure, self.procedure_length)
    }

    /// The name of the public C function.
    pub(crate) const fn function(&self) -> &str {
        text(&self.function, self.function_length)
    }
}

/// Overwrites the word `camel[start..end]` in the function's name with its spelling there.
const fn respell(function: &mut [u8; LENGTH_MAX], camel: &[u8], start: usize, end: usize) {
    if let Some(spelling) = spelling(camel.split_at(end).0.split_at(start).1) {
        let mut i = 0;
        while i < spelling.len() {
            function[start + 3 + i] = spelling[i];
            i += 1;
        }
    }
}

const fn text(bytes: &[u8], length: usize) -> &str {
    match str::from_utf8(bytes.split_at(length).0) {
        Ok(text) => text,
        Err(_) => panic!("names of types are ASCII"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(camel: &str, procedure: &str, function: &str) {
        let names = Names::of(camel);
        assert_eq!((names.procedure(), names.function()), (procedure, function));
    }

    #[test]
    fn names_are_derived_from_the_type() {
        check("DomainCreate", "domain_create", "virDomainCreate");
        check("DomainGetXmlDesc", "domain_get_xml_desc", "virDomainGetXMLDesc");
        check("DomainLookupByUuid", "domain_lookup_by_uuid", "virDomainLookupByUUID");
        check("DomainMigrateBegin3Params", "domain_migrate_begin3_params", "virDomainMigrateBegin3Params");
    }
}
