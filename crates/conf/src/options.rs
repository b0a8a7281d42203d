//! Tables of the keys of a configuration file.
//!
//! One entry of an [`options!`](crate::options!) table is all there is to say about a key: its name, type, default
//! and description. From it come the field of a struct, the reading of the file, the commented default file and the
//! part of the manual page.

mod print;
mod value;

use std::ops::RangeInclusive;

pub use self::print::{commented, manual, roff};
pub use self::value::{Mode, OptionValue};
use crate::settings::{self, Setting, SettingError, Value};

/// What is known about a key besides how to read it.
#[derive(Debug, Clone)]
pub struct Key {
    /// Its name.
    pub name: &'static str,
    /// What its values look like.
    pub kind: &'static str,
    /// The default as it would be written in the file; `None` is the absence of a value.
    pub default: Option<Value>,
    /// A value for the commented file where there is no default.
    pub example: &'static str,
    /// Smallest and greatest number, where not every one that fits is allowed.
    pub range: Option<RangeInclusive<i64>>,
    /// What it does, in lines.
    pub doc: &'static [&'static str],
    /// Whether it does anything. libvirt's keys that mean nothing here are known, so that a file of libvirt's can
    /// be used as it is.
    pub has_effect: bool,
}

/// Keys about one matter.
#[derive(Debug, Clone)]
pub struct Section {
    /// The matter.
    pub title: &'static str,
    /// Its keys in the order of the table.
    pub keys: Vec<Key>,
}

/// A struct made by [`options!`](crate::options!).
pub trait Options: Default {
    /// All keys.
    fn sections() -> Vec<Section>;

    /// Takes one setting over. Returns whether the key is known and has an effect.
    fn set(&mut self, setting: &Setting) -> Result<Known, SettingError>;
}

/// What became of a setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Known {
    /// It has been taken over.
    Yes,
    /// The key is libvirt's and has no effect here.
    WithoutEffect,
    /// There is no such key.
    No,
}

/// Takes over the settings in the text of a file; the last of several with the same key counts. An impossible value
/// is an error. Returns warnings about keys that have no effect, each with its line.
pub fn apply<O: Options>(options: &mut O, text: &str) -> Result<Vec<String>, SettingError> {
    let mut warnings = Vec::new();
    for setting in settings::parse(text)? {
        let (line, key) = (setting.line, setting.key.as_str());
        match options.set(&setting)? {
            Known::Yes => {}
            Known::WithoutEffect => warnings.push(format!("line {line}: {key} has no effect")),
            Known::No => warnings.push(format!("line {line}: unknown key {key}")),
        }
    }
    Ok(warnings)
}

/// For [`options!`](crate::options!): checks a number against the range of its key.
pub fn check_range(setting: &Setting, range: &RangeInclusive<i64>) -> Result<(), SettingError> {
    match setting.value {
        Value::Int(number) if !range.contains(&number) => {
            Err(setting.error(&format!("{number} is not from {} to {}", range.start(), range.end())))
        }
        _ => Ok(()),
    }
}

/// Makes a struct of settings and the table of their keys, for [`Options`](crate::options::Options).
///
/// ```
/// conf::options! {
///     /// Settings of an example.
///     pub struct Settings;
///     section "Clients" {
///         /// Most clients at a time.
///         max_clients: u32 = 5000, range 1..=100_000;
///         /// Group of the socket.
///         sock_group: Option<String> = None, example "\"adm\"";
///     }
///     ignored "Of no use here" {
///         /// There is nothing that this could change.
///         old_key: "a number";
///     }
/// }
/// let mut settings = Settings::default();
/// let warnings = conf::options::apply(&mut settings, "max_clients = 7\nold_key = 1\nfoo = 2\n").unwrap();
/// assert_eq!(settings.max_clients, 7);
/// assert_eq!(warnings, ["line 2: old_key has no effect", "line 3: unknown key foo"]);
/// ```
///
/// Between the name of the struct and the first section, `also { ... }` adds fields that are no keys.
#[macro_export]
macro_rules! options {
    (
        $(#[$meta:meta])*
        $vis:vis struct $name:ident;
        $(also { $($(#[$also_meta:meta])* $also:ident: $also_type:ty = $also_default:expr;)* })?
        $(section $title:literal {
            $(
                $(#[doc = $doc:literal])+
                $key:ident: $type:ty = $default:expr
                $(, range $range:expr)? $(, example $example:literal)?;
            )*
        })*
        $(ignored $ignored_title:literal {
            $($(#[doc = $ignored_doc:literal])+ $ignored:ident: $ignored_kind:literal;)*
        })?
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq)]
        $vis struct $name {
            $($($(#[$also_meta])* $vis $also: $also_type,)*)?
            $($($(#[doc = $doc])+ $vis $key: $type,)*)*
        }

        impl ::std::default::Default for $name {
            fn default() -> Self {
                Self { $($($also: $also_default,)*)? $($($key: $default,)*)* }
            }
        }

        impl $crate::options::Options for $name {
            fn sections() -> ::std::vec::Vec<$crate::options::Section> {
                let defaults = Self::default();
                ::std::vec![
                    $($crate::options::Section {
                        title: $title,
                        keys: ::std::vec![$($crate::options::Key {
                            name: ::std::stringify!($key),
                            kind: <$type as $crate::options::OptionValue>::KIND,
                            default: $crate::options::OptionValue::to_value(&defaults.$key),
                            example: $crate::options!(@or "" $(, $example)?),
                            range: $crate::options!(@range $($range)?),
                            doc: &[$($doc),+],
                            has_effect: true,
                        },)*],
                    },)*
                    $($crate::options::Section {
                        title: $ignored_title,
                        keys: ::std::vec![$($crate::options::Key {
                            name: ::std::stringify!($ignored),
                            kind: $ignored_kind,
                            default: ::std::option::Option::None,
                            example: "",
                            range: ::std::option::Option::None,
                            doc: &[$($ignored_doc),+],
                            has_effect: false,
                        },)*],
                    },)?
                ]
            }

            fn set(
                &mut self,
                setting: &$crate::settings::Setting,
            ) -> ::std::result::Result<$crate::options::Known, $crate::settings::SettingError> {
                match setting.key.as_str() {
                    $($(::std::stringify!($key) => {
                        $($crate::options::check_range(setting, &($range))?;)?
                        self.$key = $crate::options::OptionValue::from_setting(setting)?;
                    })*)*
                    $($(::std::stringify!($ignored) => return Ok($crate::options::Known::WithoutEffect),)*)?
                    _ => return Ok($crate::options::Known::No),
                }
                Ok($crate::options::Known::Yes)
            }
        }
    };
    (@or $default:literal) => { $default };
    (@or $default:literal, $given:literal) => { $given };
    (@range) => { ::std::option::Option::None };
    (@range $range:expr) => { ::std::option::Option::Some($range) };
}

/// Makes an enumeration whose variants are written as strings in a configuration file.
///
/// ```
/// conf::choices! {
///     /// Where the sun is.
///     pub enum Sun { Up = "up", Down = "down" }
/// }
/// assert_eq!(Sun::Down.as_str(), "down");
/// ```
#[macro_export]
macro_rules! choices {
    (
        $(#[$meta:meta])*
        $vis:vis enum $name:ident {
            $($(#[$variant_meta:meta])* $variant:ident = $text:literal),+ $(,)?
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        $vis enum $name { $($(#[$variant_meta])* #[doc = ::std::concat!("`", $text, "`.")] $variant,)+ }

        impl $name {
            /// As it is written in the file.
            #[must_use]
            $vis const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }
        }

        impl $crate::options::OptionValue for $name {
            const KIND: &'static str = ::std::concat!("one of" $(, " \"", $text, "\"")+);

            fn from_setting(
                setting: &$crate::settings::Setting,
            ) -> ::std::result::Result<Self, $crate::settings::SettingError> {
                match setting.text()? {
                    $($text => Ok(Self::$variant),)+
                    other => Err(setting.error(&$crate::options::none_of(other, &[$($text),+]))),
                }
            }

            fn to_value(&self) -> ::std::option::Option<$crate::settings::Value> {
                ::std::option::Option::Some($crate::settings::Value::Text(self.as_str().to_owned()))
            }
        }
    };
}

/// For [`choices!`](crate::choices!): says what could have been written.
#[must_use]
pub fn none_of(given: &str, known: &[&str]) -> String {
    match known {
        [one, other] => format!("'{given}' is neither '{one}' nor '{other}'"),
        _ => format!("'{given}' is none of '{}'", known.join("', '")),
    }
}

#[cfg(test)]
mod tests {
    use super::{Mode, Options, apply};

    crate::choices! {
        /// For the test.
        enum Colour { Red = "red", Green = "green", Blue = "blue" }
    }

    crate::options! {
        /// For the test.
        struct Settings;
        also {
            /// No key.
            origin: &'static str = "here";
        }
        section "Of kinds" {
            /// A number
            /// of two lines.
            count: u32 = 5, range 1..=9;
            /// A switch.
            on: bool = true;
            /// A mode.
            mode: Mode = Mode(0o700);
            /// A colour.
            colour: Colour = Colour::Red;
        }
        section "Absent" {
            /// A list.
            names: Option<Vec<String>> = None, example "[ \"x\" ]";
        }
        ignored "Old" {
            /// Once it meant something.
            old: "a number";
        }
    }

    #[test]
    fn settings_are_taken_over_and_the_last_counts() {
        let mut settings = Settings::default();
        let text = "count = 2\ncount = 3\non = 0\nmode = '0770'\ncolour = 'blue'\nnames = ['a', 'b']\n";
        assert_eq!(apply(&mut settings, text).unwrap(), [""; 0]);
        assert_eq!((settings.count, settings.on, settings.mode), (3, false, Mode(0o770)));
        assert_eq!((settings.colour, settings.origin), (Colour::Blue, "here"));
        assert_eq!(settings.names, Some(vec!["a".to_owned(), "b".to_owned()]));
    }

    #[test]
    fn warnings_and_errors_have_their_line() {
        let mut settings = Settings::default();
        let warnings = apply(&mut settings, "# x\nfoo = 1\nold = 1\n").unwrap();
        assert_eq!(warnings, ["line 2: unknown key foo", "line 3: old has no effect"]);
        for (text, error) in [
            ("\ncount = 10", "line 2: count: 10 is not from 1 to 9"),
            ("count = 'x'", "line 1: count: \"x\" is no number from 0 to 4294967295"),
            ("colour = 'pink'", "line 1: colour: 'pink' is none of 'red', 'green', 'blue'"),
            ("mode = '9'", "line 1: mode: '9' is no octal mode from 0 to 0777"),
            ("names = 'x'", "line 1: names: \"x\" is no list of strings"),
        ] {
            assert_eq!(apply(&mut settings, text).unwrap_err().to_string(), error, "{text}");
        }
    }

    #[test]
    fn keys_know_how_their_defaults_are_written() {
        let keys: Vec<_> = Settings::sections().into_iter().flat_map(|section| section.keys).collect();
        let defaults: Vec<_> = keys
            .iter()
            .map(|key| key.default.as_ref().map_or_else(|| key.example.to_owned(), ToString::to_string))
            .collect();
        assert_eq!(defaults, ["5", "1", "\"0700\"", "\"red\"", "[ \"x\" ]", ""]);
        assert_eq!(keys[0].doc, [" A number", " of two lines."]);
        assert_eq!(keys[3].kind, "one of \"red\" \"green\" \"blue\"");
    }
}
