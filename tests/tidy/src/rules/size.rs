//! A file has at most 450 lines and a function at most 60: what is longer holds more than one idea.

use crate::{Finding, Source, Tree};

const FILE_MAX: usize = 450;
const FUNCTION_MAX: usize = 60;

/// Files that may be longer, with the reason. Only pure tables: one line an entry, no code.
const LONG_FILES: &[(&str, &str)] =
    &[("crates/runtime/src/seccomp/table.rs", "every system call with its numbers and its rule")];

/// Functions that may be longer, as path and name, with the reason.
const LONG_FUNCTIONS: &[(&str, &str, &str)] = &[];

/// Checks every source file, script and function. Markdown may be as long as it has to say.
pub fn check(tree: &Tree) -> Vec<Finding> {
    check_except(tree, LONG_FILES, LONG_FUNCTIONS)
}

fn check_except(tree: &Tree, files: &[(&str, &str)], functions: &[(&str, &str, &str)]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut excused = Vec::new();
    for file in &tree.files {
        let script = file.text.starts_with("#!");
        let length = file.text.lines().count();
        if (script || file.extension() == "rs") && length > FILE_MAX {
            if files.iter().any(|(path, _)| *path == file.path) {
                excused.push(file.path.clone());
            } else {
                let text = format!("{length} lines; split it by idea ({FILE_MAX} at most)");
                findings.push(Finding::new(&file.path, 0, text));
            }
        }
    }
    for file in tree.rust() {
        for function in Source::new(&file.text).functions() {
            if function.length <= FUNCTION_MAX {
                continue;
            }
            let name = format!("{}::{}", file.path, function.name);
            if functions.iter().any(|(path, function, _)| format!("{path}::{function}") == name) {
                excused.push(name);
            } else {
                let text =
                    format!("`{}` has {} lines ({FUNCTION_MAX} at most)", function.name, function.length);
                findings.push(Finding::new(&file.path, function.line, text));
            }
        }
    }
    let listed = files.iter().map(|(path, _)| (*path).to_owned());
    let listed = listed.chain(functions.iter().map(|(path, function, _)| format!("{path}::{function}")));
    for name in listed.filter(|name| !excused.contains(name)) {
        findings.push(Finding::new(&name, 0, "is listed as an exception but is short: remove it there"));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_file_is_found() {
        let long = "\n".repeat(FILE_MAX + 1);
        let fits = "\n".repeat(FILE_MAX);
        let script = format!("#!/bin/sh{long}");
        let tree = Tree::of(&[("a.rs", &long), ("b.rs", &fits), ("c", &script), ("d.md", &long)]);
        let found: Vec<_> = check_except(&tree, &[], &[]).into_iter().map(|f| f.path).collect();
        assert_eq!(found, ["a.rs", "c"]);
    }

    #[test]
    fn a_long_function_is_found() {
        let long = format!("fn long() {{\n{}}}", "1;\n".repeat(FUNCTION_MAX + 1));
        let fits = format!("fn fits() {{\n{}}}", "1;\n".repeat(FUNCTION_MAX));
        let tree = Tree::of(&[("a.rs", &long), ("b.rs", &fits)]);
        let found = check_except(&tree, &[], &[]);
        assert_eq!(found, [Finding::new("a.rs", 1, "`long` has 61 lines (60 at most)")]);
        assert_eq!(check_except(&tree, &[], &[("a.rs", "long", "a table")]), []);
    }

    #[test]
    fn a_stale_exception_is_found() {
        let tree = Tree::of(&[("a.rs", "fn f() {}")]);
        assert_eq!(check_except(&tree, &[("a.rs", "")], &[("a.rs", "f", "")]).len(), 2);
    }
}
