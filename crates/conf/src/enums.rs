//! The word lists of the documents.

/// A closed list of words.
pub(crate) trait Word: Copy + 'static {
    /// The variant of a word.
    fn find(word: &str) -> Option<Self>;
}

/// An enum whose variants are words of a document, in libvirt's order.
macro_rules! xml_enum {
    ($(#[$meta:meta])* pub enum $name:ident { $($(#[$vmeta:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name { $(#[doc = concat!("`", $word, "`")] $(#[$vmeta])* $variant,)+ }

        impl $name {
            /// All words, in libvirt's order.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The word in the document.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }

            /// The variant of a word.
            #[must_use]
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)+ _ => None }
            }
        }

        impl $crate::enums::Word for $name {
            fn find(word: &str) -> Option<Self> {
                Self::from_word(word)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}
pub(crate) use xml_enum;

/// `yes` or `no`.
pub(crate) fn yes_no(value: bool) -> &'static str {
    if value { "yes" } else { "no" }
}

/// `on` or `off`.
pub(crate) fn on_off(value: bool) -> &'static str {
    if value { "on" } else { "off" }
}
