//! Distinguished names in the form that GnuTLS prints and admins know: `C=GB,O=Example,CN=client`.
//!
//! The attributes come in the order of the certificate, which is the reverse of RFC 4514's; escapes are those of
//! RFC 4514. Debian's `virt-pki-query-dn` prints the same.

use x509_cert::{
    Certificate,
    attr::AttributeTypeAndValue,
    der::{self, Decode, Encode, Tag, Tagged},
};

/// What GnuTLS calls attributes (`lib/x509/common.c`, by the standards of their OIDs). Others are shown by OID.
const ATTRIBUTES: &[(&str, &str)] = &[
    ("2.5.4.3", "CN"),
    ("2.5.4.4", "surName"),
    ("2.5.4.5", "serialNumber"),
    ("2.5.4.6", "C"),
    ("2.5.4.7", "L"),
    ("2.5.4.8", "ST"),
    ("2.5.4.9", "street"),
    ("2.5.4.10", "O"),
    ("2.5.4.11", "OU"),
    ("2.5.4.12", "title"),
    ("2.5.4.13", "description"),
    ("2.5.4.15", "businessCategory"),
    ("2.5.4.17", "postalCode"),
    ("2.5.4.20", "telephoneNumber"),
    ("2.5.4.41", "name"),
    ("2.5.4.42", "givenName"),
    ("2.5.4.43", "initials"),
    ("2.5.4.44", "generationQualifier"),
    ("2.5.4.46", "dnQualifier"),
    ("2.5.4.65", "pseudonym"),
    ("0.9.2342.19200300.100.1.1", "UID"),
    ("0.9.2342.19200300.100.1.25", "DC"),
    ("1.2.840.113549.1.9.1", "EMAIL"),
    ("1.3.6.1.5.5.7.9.1", "dateOfBirth"),
    ("1.3.6.1.5.5.7.9.2", "placeOfBirth"),
    ("1.3.6.1.5.5.7.9.3", "gender"),
    ("1.3.6.1.5.5.7.9.4", "countryOfCitizenship"),
    ("1.3.6.1.5.5.7.9.5", "countryOfResidence"),
];

/// The name of a certificate's subject.
pub(super) fn of(certificate: &[u8]) -> der::Result<String> {
    let certificate = Certificate::from_der(certificate)?;
    let mut text = String::new();
    for part in &certificate.tbs_certificate.subject.0 {
        for (index, attribute) in part.0.iter().enumerate() {
            if !text.is_empty() {
                text.push(if index == 0 { ',' } else { '+' });
            }
            push(&mut text, attribute)?;
        }
    }
    Ok(text)
}

fn push(text: &mut String, attribute: &AttributeTypeAndValue) -> der::Result<()> {
    let oid = attribute.oid.to_string();
    let known = ATTRIBUTES.iter().find(|(known, _)| *known == oid);
    text.push_str(known.map_or(&oid, |(_, name)| name));
    text.push('=');
    match (known, string(attribute)) {
        (Some(_), Some(value)) => escape(text, &value),
        _ => {
            text.push('#');
            for byte in attribute.value.to_der()? {
                text.push_str(&format!("{byte:02x}"));
            }
        }
    }
    Ok(())
}

/// The value of an attribute, if it is of a type that holds text.
fn string(attribute: &AttributeTypeAndValue) -> Option<String> {
    let bytes = attribute.value.value();
    match attribute.value.tag() {
        Tag::Utf8String | Tag::PrintableString | Tag::Ia5String => String::from_utf8(bytes.to_vec()).ok(),
        Tag::TeletexString => Some(bytes.iter().copied().map(char::from).collect()),
        Tag::BmpString => {
            let units: Vec<u16> =
                bytes.chunks_exact(2).map(|unit| u16::from_be_bytes([unit[0], unit[1]])).collect();
            String::from_utf16(&units).ok()
        }
        _ => None,
    }
}

fn escape(text: &mut String, value: &str) {
    let last = value.chars().count().saturating_sub(1);
    for (index, character) in value.chars().enumerate() {
        let special = matches!(character, ',' | '+' | '"' | '\\' | '<' | '>' | ';' | '\0')
            || (character == ' ' && (index == 0 || index == last))
            || (character == '#' && index == 0);
        if special {
            text.push('\\');
        }
        text.push(character);
    }
}

/// Whether `text` matches the pattern: `*` stands for any characters, `?` for one, everything else for itself.
#[must_use]
pub fn matches(pattern: &str, text: &str) -> bool {
    let (mut pattern, mut text) = (pattern.chars(), text.chars());
    // Behind the last `*`, and the text that it has not yet swallowed.
    let mut retry = None;
    loop {
        let rest = text.clone();
        match (pattern.next(), text.next()) {
            (Some('*'), _) => {
                text = rest;
                retry = Some((pattern.clone(), text.clone()));
            }
            (None, None) => return true,
            (Some(wanted), Some(found)) if wanted == '?' || wanted == found => {}
            _ => {
                let Some((behind, swallowed)) = &mut retry else { return false };
                if swallowed.next().is_none() {
                    return false;
                }
                pattern = behind.clone();
                text = swallowed.clone();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{escape, matches};

    #[test]
    fn patterns() {
        for (pattern, text) in [
            ("", ""),
            ("*", ""),
            ("*", "C=GB,CN=a"),
            ("C=GB,*", "C=GB,O=x,CN=a"),
            ("*CN=a", "C=GB,CN=a"),
            ("*CN=*", "C=GB,CN=a"),
            ("C=??,CN=a", "C=GB,CN=a"),
            ("*a*b*c", "xxaxxbxxabc"),
            ("**", "x"),
            ("?", "ü"),
            ("[a]*", "[a]\n"),
        ] {
            assert!(matches(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [
            ("", "a"),
            ("a", ""),
            ("?", ""),
            ("CN=a", "CN=ab"),
            ("*CN=a", "CN=a,O=x"),
            ("C=??,CN=a", "C=G,CN=a"),
            ("*a*b*c", "xxaxxbxxab"),
            ("[a]", "a"),
            ("CN=A", "CN=a"),
        ] {
            assert!(!matches(pattern, text), "{pattern} {text}");
        }
    }

    #[test]
    fn what_separates_is_escaped() {
        let check = |value: &str, escaped: &str| {
            let mut text = String::new();
            escape(&mut text, value);
            assert_eq!(text, escaped);
        };
        check("a,O=b", "a\\,O=b");
        check(" a b ", "\\ a b\\ ");
        check("#a#", "\\#a#");
        check("a+b;<c>\"\\", "a\\+b\\;\\<c\\>\\\"\\\\");
        check("", "");
    }
}
