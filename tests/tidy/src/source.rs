//! Just enough of Rust's grammar to look at code without comments and strings.

/// Rust code in which the content of comments, strings and character literals is blank. Lines and columns are
/// those of the original.
#[derive(Debug)]
pub struct Source {
    code: Vec<char>,
}

/// A function with a body.
#[derive(Debug, PartialEq, Eq)]
pub struct Function {
    /// Its name.
    pub name: String,
    /// Line of the `fn`, from 1.
    pub line: usize,
    /// Lines between the braces.
    pub length: usize,
}

/// A name or keyword and where it is.
#[derive(Debug, PartialEq, Eq)]
pub struct Word {
    /// The identifier.
    pub text: String,
    /// Line, from 1.
    pub line: usize,
    start: usize,
    end: usize,
}

impl Source {
    /// Blanks what is not code.
    pub fn new(text: &str) -> Self {
        let text: Vec<char> = text.chars().collect();
        let mut code = text.clone();
        let mut at = 0;
        while at < text.len() {
            let end = match text[at] {
                '/' if text.get(at + 1) == Some(&'/') => line_comment(&text, at),
                '/' if text.get(at + 1) == Some(&'*') => block_comment(&text, at),
                '"' => string(&text, at),
                '\'' => character(&text, at),
                c if is_word(c) => {
                    let end = word_end(&text, at);
                    let prefix = matches!(text[at..end], ['r'] | ['b' | 'c', 'r']);
                    match raw_string(&text, end) {
                        Some(closing) if prefix => {
                            blank(&mut code[end..closing]);
                            at = closing;
                        }
                        _ => at = end,
                    }
                    continue;
                }
                _ => {
                    at += 1;
                    continue;
                }
            };
            blank(&mut code[at..end]);
            at = end;
        }
        Self { code }
    }

    /// The same without the items marked `#[cfg(test)]`.
    pub fn without_tests(mut self) -> Self {
        let mark: Vec<char> = "#[cfg(test)]".chars().collect();
        let mut at = 0;
        while at + mark.len() <= self.code.len() {
            if self.code[at..].starts_with(&mark) {
                let (_, end) = self.item(at + mark.len());
                blank(&mut self.code[at..end]);
                at = end;
            } else {
                at += 1;
            }
        }
        self
    }

    /// All identifiers and keywords.
    pub fn words(&self) -> Vec<Word> {
        let mut words = Vec::new();
        let (mut at, mut line) = (0, 1);
        while at < self.code.len() {
            if is_word(self.code[at]) {
                let end = word_end(&self.code, at);
                words.push(Word { text: self.code[at..end].iter().collect(), line, start: at, end });
                at = end;
            } else {
                line += usize::from(self.code[at] == '\n');
                at += 1;
            }
        }
        words
    }

    /// The code of each line.
    pub fn lines(&self) -> Vec<String> {
        self.code.iter().collect::<String>().lines().map(str::to_owned).collect()
    }

    /// Every function that has a body, nested ones too.
    pub fn functions(&self) -> Vec<Function> {
        let words = self.words();
        let mut functions = Vec::new();
        for pair in words.windows(2) {
            let [keyword, name] = pair else { continue };
            let between = &self.code[keyword.end..name.start];
            if keyword.text != "fn" || !between.iter().all(|c| c.is_whitespace() || *c == '$') {
                continue;
            }
            if let (Some(open), end) = self.item(name.end) {
                let breaks = self.code[open..end].iter().filter(|c| **c == '\n').count();
                let length = breaks.saturating_sub(1);
                functions.push(Function { name: name.text.clone(), line: keyword.line, length });
            }
        }
        functions
    }

    /// The item whose head goes on at `from`: where its opening brace is, if it has one, and where it ends.
    fn item(&self, from: usize) -> (Option<usize>, usize) {
        let mut depth = 0usize;
        let mut open = None;
        for (at, c) in self.code.iter().enumerate().skip(from) {
            match (c, open) {
                ('(' | '[', None) => depth += 1,
                (')' | ']', None) => depth = depth.saturating_sub(1),
                (';', None) if depth == 0 => return (None, at + 1),
                ('{', None) if depth == 0 => (open, depth) = (Some(at), 1),
                ('{', Some(_)) => depth += 1,
                ('}', Some(_)) => {
                    depth -= 1;
                    if depth == 0 {
                        return (open, at + 1);
                    }
                }
                _ => {}
            }
        }
        (None, self.code.len())
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn word_end(text: &[char], from: usize) -> usize {
    (from..text.len()).find(|at| !is_word(text[*at])).unwrap_or(text.len())
}

fn blank(code: &mut [char]) {
    code.iter_mut().filter(|c| **c != '\n').for_each(|c| *c = ' ');
}

fn line_comment(text: &[char], from: usize) -> usize {
    (from..text.len()).find(|at| text[*at] == '\n').unwrap_or(text.len())
}

fn block_comment(text: &[char], from: usize) -> usize {
    let mut depth = 0;
    let mut at = from;
    while at + 1 < text.len() {
        match (text[at], text[at + 1]) {
            ('/', '*') => (depth, at) = (depth + 1, at + 2),
            ('*', '/') => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            return at;
        }
    }
    text.len()
}

fn string(text: &[char], from: usize) -> usize {
    let mut at = from + 1;
    while at < text.len() {
        match text[at] {
            '"' => return at + 1,
            '\\' => at += 2,
            _ => at += 1,
        }
    }
    text.len()
}

/// A character literal, or only the quote of a lifetime.
fn character(text: &[char], from: usize) -> usize {
    match (text.get(from + 1), text.get(from + 2)) {
        (Some('\\'), Some(_)) => {
            (from + 3..text.len()).find(|at| text[*at] == '\'').map_or(text.len(), |at| at + 1)
        }
        (Some(_), Some('\'')) => from + 3,
        _ => from + 1,
    }
}

/// The end of the raw string whose `#`s and quote start at `from`.
fn raw_string(text: &[char], from: usize) -> Option<usize> {
    let hashes = text[from..].iter().take_while(|c| **c == '#').count();
    if text.get(from + hashes) != Some(&'"') {
        return None;
    }
    let mut closing = vec!['"'];
    closing.extend(std::iter::repeat_n('#', hashes));
    let body = from + hashes + 1;
    let found = text[body..].windows(closing.len()).position(|window| *window == closing[..]);
    Some(found.map_or(text.len(), |at| body + at + closing.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> String {
        Source::new(text).lines().join("\n")
    }

    #[test]
    fn comments_and_literals_are_blank() {
        let sample = "a // b\nc /* d /* e */ f */ g \"h\\\"i\" 'j' '\\'' 'k: &'l m";
        assert_eq!(code(sample).split_whitespace().collect::<Vec<_>>(), ["a", "c", "g", "k:", "&", "l", "m"]);
        assert_eq!(
            code("r#\"a\"b\"# c br\"d\" e r#type 'x'").split_whitespace().collect::<Vec<_>>(),
            ["r", "c", "br", "e", "r#type"]
        );
        assert_eq!(code("\"two\nlines\" x").lines().count(), 2);
    }

    #[test]
    fn functions_are_measured() {
        let sample = "fn a() {}\nfn b(x: [u8; 4]) -> u8\nwhere\n    u8: Copy,\n{\n    1;\n    \"}\";\n}\n\
                      trait T {\n    fn c();\n    fn d() {\n        fn e() {\n        }\n    }\n}\nlet f: fn(u8);";
        let found = Source::new(sample).functions();
        let seen: Vec<_> = found.iter().map(|f| (f.name.as_str(), f.line, f.length)).collect();
        assert_eq!(seen, [("a", 1, 0), ("b", 2, 2), ("d", 11, 2), ("e", 12, 0)]);
    }

    #[test]
    fn tests_are_cut_out() {
        let sample = "use a;\n#[cfg(test)]\nuse b;\n#[cfg(test)]\nmod tests {\n    use c;\n}\nuse d;";
        let words: Vec<_> = Source::new(sample).without_tests().words().into_iter().map(|w| w.text).collect();
        assert_eq!(words, ["use", "a", "use", "d"]);
    }
}
