//! Markdown is written one sentence a line, so that a change shows the sentences it changes.

use crate::{Finding, Tree};

/// Abbreviations whose full stop ends no sentence.
const ABBREVIATIONS: &[&str] = &["e.g.", "i.e.", "etc.", "cf.", "vs.", "resp.", "approx.", "No."];

/// Checks prose; code blocks, tables and headings are left alone.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.files.iter().filter(|file| file.extension() == "md") {
        let mut before = "";
        for (at, line) in prose(&file.text) {
            if holds_two_sentences(line) {
                findings.push(Finding::new(&file.path, at, "one sentence a line"));
            }
            if !before.is_empty() && !begins_item(line) && !line.is_empty() && !ends_sentence(before) {
                let text = "goes on from the line before: one line a sentence, however long";
                findings.push(Finding::new(&file.path, at, text));
            }
            before = line;
        }
    }
    findings
}

/// Numbered lines of running text; what is not prose comes as an empty line.
fn prose(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut fenced = false;
    text.lines().enumerate().map(move |(at, line)| {
        let content = line.trim_start().trim_start_matches("> ");
        let fence = content.starts_with("```");
        fenced ^= fence;
        let link = content.starts_with('[') && content.contains("]:");
        let other =
            fence || fenced || link || content.starts_with(['#', '|', '<']) || line.starts_with("    ");
        (at + 1, if other { "" } else { content })
    })
}

fn begins_item(line: &str) -> bool {
    let number = line.trim_start_matches(|c: char| c.is_ascii_digit());
    line.starts_with("- ")
        || line.starts_with("* ")
        || (number.len() < line.len() && number.starts_with(". "))
}

fn ends_sentence(line: &str) -> bool {
    line.trim_end_matches(['*', '_', '`', ')', '"', '\'']).ends_with(['.', '!', '?', ':', ';'])
}

fn holds_two_sentences(line: &str) -> bool {
    let text = without_code(line);
    let words: Vec<&str> = text.split(' ').collect();
    words.windows(2).any(|pair| {
        let [end, next] = pair else { return false };
        let ends = end.trim_end_matches(['*', '_', ')', '"']).ends_with(['.', '!', '?']);
        let numbering = end.trim_end_matches('.').chars().all(|c| c.is_ascii_digit());
        let starts = next.trim_start_matches(['*', '_', '(', '"', '`', '[']).starts_with(char::is_uppercase);
        ends && starts && !numbering && !ABBREVIATIONS.contains(&end.trim_start_matches('('))
    })
}

/// The line with the content of inline code blanked.
fn without_code(line: &str) -> String {
    line.split('`').enumerate().map(|(at, part)| if at % 2 == 0 { part } else { "code" }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<usize> {
        check(&Tree::of(&[("a.md", text)])).into_iter().map(|f| f.line).collect()
    }

    #[test]
    fn two_sentences_in_a_line_are_found() {
        assert_eq!(found("It is so. It was so.\n"), [1]);
        assert_eq!(found("- **It is so.** `x` or not? Yes.\n"), [1]);
        assert_eq!(found("It is so (e.g. Debian), as in `a. B`, see 1. Two.\n1. One is one.\n"), [0usize; 0]);
        assert_eq!(found("```\nA. B\n```\n| A. B |\n# A. B\n    A. B\n"), [0usize; 0]);
    }

    #[test]
    fn a_sentence_over_two_lines_is_found() {
        assert_eq!(found("It is\nso.\n"), [2]);
        assert_eq!(found("It is so.\nIt was so:\n- a\n- b\n\nIt\n\n# Head\nIt is so.\n"), [0usize; 0]);
    }
}
