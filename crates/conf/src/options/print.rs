//! What is made of a table of keys for people: the commented default file, and the part of a manual page.

use std::fmt::Write;

use super::{Key, Options};

/// Columns of a commented file.
const WIDTH: usize = 78;

/// The file of defaults: every key with its description, commented out. `head` is what it begins with, in lines.
#[must_use]
pub fn commented<O: Options>(head: &[&str]) -> String {
    let mut text = String::new();
    for line in head {
        push_comment(&mut text, line);
    }
    for section in O::sections() {
        let _ = write!(text, "\n{}\n# {}\n\n", "#".repeat(WIDTH), section.title);
        for (index, key) in section.keys.iter().enumerate() {
            if index > 0 {
                text.push('\n');
            }
            push_comment(&mut text, &sentences(key));
            match value(key) {
                Some(value) if key.has_effect => {
                    let _ = writeln!(text, "#{} = {value}", key.name);
                }
                _ => {
                    let _ = writeln!(text, "#{} has no effect.", key.name);
                }
            }
        }
    }
    text
}

/// The keys as subsections of a manual page (man(7)).
#[must_use]
pub fn manual<O: Options>() -> String {
    let mut text = String::new();
    for section in O::sections() {
        let _ = writeln!(text, ".SS {}", section.title);
        for key in &section.keys {
            let _ = writeln!(text, ".TP\n.B {}", roff(key.name));
            let mut shape = key.kind.to_owned();
            if let Some(range) = &key.range {
                let _ = write!(shape, " from {} to {}", range.start(), range.end());
            }
            let default = match &key.default {
                Some(value) => format!("default {value}"),
                None if key.has_effect => "no default".to_owned(),
                None => "no effect".to_owned(),
            };
            let _ = writeln!(text, "({}; {})", roff(&shape), roff(&default));
            for line in key.doc {
                let _ = writeln!(text, "{}", roff(line.trim()));
            }
        }
    }
    text
}

/// The value that the commented file shows.
fn value(key: &Key) -> Option<String> {
    match &key.default {
        Some(value) => Some(value.to_string()),
        None => Some(key.example.to_owned()).filter(|example| !example.is_empty()),
    }
}

fn sentences(key: &Key) -> String {
    key.doc.iter().map(|line| line.trim()).collect::<Vec<_>>().join(" ")
}

/// Text as lines that begin with `# `.
fn push_comment(text: &mut String, paragraph: &str) {
    let mut line = String::from("#");
    for word in paragraph.split_whitespace() {
        if line.len() > 1 && line.len() + 1 + word.chars().count() > WIDTH {
            let _ = writeln!(text, "{line}");
            line.truncate(1);
        }
        line.push(' ');
        line.push_str(word);
    }
    let _ = writeln!(text, "{line}");
}

/// Text in which nothing has a meaning for troff.
#[must_use]
pub fn roff(text: &str) -> String {
    let escaped = text.replace('\\', "\\e").replace('-', "\\-").replace('\'', "\\(aq");
    if escaped.starts_with(['.', '\'']) { format!("\\&{escaped}") } else { escaped }
}

#[cfg(test)]
mod tests {
    use super::{commented, manual};
    use crate::settings;

    crate::options! {
        /// For the test.
        struct Settings;
        section "Clients" {
            /// Most clients at a time, of all kinds and users together, but not counting those that wait.
            /// Root's two places are kept.
            max_clients: u32 = 5000, range 1..=100_000;
            /// Who may.
            names: Option<Vec<String>> = None, example "[ \"a-b\" ]";
        }
        ignored "Old" {
            /// Once it meant something.
            old: "a number";
        }
    }

    #[test]
    fn the_commented_file() {
        let text = commented::<Settings>(&["Settings of x.", "", "Second."]);
        let expected = "# Settings of x.\n#\n# Second.\n\n\
            ##############################################################################\n# Clients\n\n\
            # Most clients at a time, of all kinds and users together, but not counting\n\
            # those that wait. Root's two places are kept.\n#max_clients = 5000\n\n\
            # Who may.\n#names = [ \"a-b\" ]\n\n\
            ##############################################################################\n# Old\n\n\
            # Once it meant something.\n#old has no effect.\n";
        assert_eq!(text, expected);
        assert_eq!(settings::parse(&text).unwrap(), []);
        // What is commented out can be read.
        let line = |l: &str| l.strip_prefix('#').filter(|l| l.contains(" = ")).map(|l| format!("{l}\n"));
        assert_eq!(settings::parse(&text.lines().filter_map(line).collect::<String>()).unwrap().len(), 2);
    }

    #[test]
    fn the_manual() {
        let expected = ".SS Clients\n.TP\n.B max_clients\n(a number from 1 to 100000; default 5000)\n\
            Most clients at a time, of all kinds and users together, but not counting those that wait.\n\
            Root\\(aqs two places are kept.\n\
            .TP\n.B names\n(a list of strings; no default)\nWho may.\n\
            .SS Old\n.TP\n.B old\n(a number; no effect)\nOnce it meant something.\n";
        assert_eq!(manual::<Settings>(), expected);
    }
}
