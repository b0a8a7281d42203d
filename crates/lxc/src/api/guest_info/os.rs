//! os-release(5).

/// Value of a key, without its quotes.
pub(super) fn value(text: &str, key: &str) -> Option<String> {
    let assigned = |line: &str| line.trim().strip_prefix(key)?.strip_prefix('=').map(str::to_owned);
    text.lines().filter_map(assigned).next_back().map(|value| unquote(&value))
}

/// Words as a shell reads them: single quotes keep all, double quotes all but a backslash before `$"\` and `` ` ``.
fn unquote(word: &str) -> String {
    let mut out = String::new();
    let mut chars = word.chars();
    let mut quote = None;
    while let Some(c) = chars.next() {
        match (quote, c) {
            (None, '\'' | '"') => quote = Some(c),
            (Some(open), c) if c == open => quote = None,
            (None | Some('"'), '\\') => out.extend(chars.next()),
            (_, c) => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values() {
        let text = "NAME=\"Debian GNU/Linux\"\nID=debian\n# ID=x\nVERSION_ID='12'\nPRETTY_NAME=\"a \\\"b\\\" \\$c\"\nID_LIKE=y\nEMPTY=\n";
        for (key, expect) in [
            ("NAME", Some("Debian GNU/Linux")),
            ("ID", Some("debian")),
            ("VERSION_ID", Some("12")),
            ("PRETTY_NAME", Some("a \"b\" $c")),
            ("EMPTY", Some("")),
            ("VERSION", None),
        ] {
            assert_eq!(value(text, key).as_deref(), expect, "{key}");
        }
    }
}
