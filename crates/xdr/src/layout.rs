//! What an encoding consists of, for tests that compare it with the facts.

use std::fmt;

/// What an encoding consists of.
///
/// `Display` prints the notation of the fact tables in `tests/wire/data`: `i32`, `string<4194304>`,
/// `array<i32,16>`, `{name: string<4194304>, id: i32}` for a struct and `(i32, u64)` for a tuple.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Layout {
    /// A scalar, written with its name in the notation: `i32`, `u64`, `uchar`...
    Scalar(&'static str),
    /// Text of at most so many bytes.
    String(u32),
    /// A byte string of at most so many bytes.
    Opaque(u32),
    /// Exactly so many bytes.
    FixedOpaque(usize),
    /// A value that may be absent.
    Optional(&'static Self),
    /// A counted list of at most so many elements.
    Array(&'static Self, u32),
    /// Exactly so many elements without a count.
    Vector(&'static Self, usize),
    /// Named fields in wire order.
    Struct(&'static [Field]),
    /// Unnamed fields in wire order.
    Tuple(&'static [&'static Self]),
    /// A discriminant (`i32`) and the arm it selects.
    Union(&'static [Arm]),
}

/// A field of a struct.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Field {
    /// The name as written in Rust.
    pub name: &'static str,
    /// What it consists of.
    pub layout: &'static Layout,
}

/// One arm of a union.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Arm {
    /// The discriminant that selects it.
    pub value: i32,
    /// Its name in the protocol.
    pub name: &'static str,
    /// What follows the discriminant.
    pub layout: &'static Layout,
}

impl Field {
    /// The name in the protocol: `type`, not `r#type`.
    #[must_use]
    pub fn wire_name(&self) -> &'static str {
        self.name.strip_prefix("r#").unwrap_or(self.name)
    }
}

impl fmt::Display for Layout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Scalar(name) => f.write_str(name),
            Self::String(max) => write!(f, "string<{max}>"),
            Self::Opaque(max) => write!(f, "opaque<{max}>"),
            Self::FixedOpaque(size) => write!(f, "opaque[{size}]"),
            Self::Optional(inner) => write!(f, "optional {inner}"),
            Self::Array(element, max) => write!(f, "array<{element},{max}>"),
            Self::Vector(element, count) => write!(f, "vector<{element},{count}>"),
            Self::Struct(fields) => {
                let fields = fields.iter().map(|field| format!("{}: {}", field.wire_name(), field.layout));
                write!(f, "{{{}}}", fields.collect::<Vec<_>>().join(", "))
            }
            Self::Tuple(fields) => {
                let fields = fields.iter().map(ToString::to_string);
                write!(f, "({})", fields.collect::<Vec<_>>().join(", "))
            }
            Self::Union(arms) => {
                let arms = arms.iter().map(|arm| format!("{} {}: {}", arm.value, arm.name, arm.layout));
                write!(f, "union {{{}}}", arms.collect::<Vec<_>>().join(", "))
            }
        }
    }
}
