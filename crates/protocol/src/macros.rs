//! The table syntax of calls and events.

/// An open enumeration: a number with names for the known values.
macro_rules! xdr_enum {
    (
        $(#[$meta:meta])*
        pub struct $name:ident($repr:ty) { $( $(#[$doc:meta])* $value:ident = $number:expr ),* $(,)? }
    ) => {
        open_enum! { $(#[$meta])* pub struct $name($repr) { $( $(#[$doc])* $value = $number ),* } }

        impl xdr::Xdr for $name {
            const MIN_SIZE: usize = <$repr as xdr::Xdr>::MIN_SIZE;
            const LAYOUT: &'static xdr::Layout = <$repr as xdr::Xdr>::LAYOUT;

            fn encode(&self, out: &mut Vec<u8>) -> xdr::Result<()> {
                self.0.encode(out)
            }

            fn decode(r: &mut xdr::Reader<'_>) -> xdr::Result<Self> {
                xdr::Xdr::decode(r).map(Self)
            }
        }
    };
}

/// A number with names for the known values; `Debug` shows the name.
macro_rules! open_enum {
    (
        $(#[$meta:meta])*
        pub struct $name:ident($repr:ty) { $( $(#[$doc:meta])* $value:ident = $number:expr ),* $(,)? }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub $repr);

        impl $name {
            $( $(#[$doc])* pub const $value: Self = Self($number); )*

            /// The known values and their names, in ascending order.
            pub const NAMES: &'static [(Self, &'static str)] = &[$( (Self::$value, stringify!($value)) ),*];

            /// The name of the value, unless it is unknown.
            #[must_use]
            pub fn name(self) -> Option<&'static str> {
                Self::NAMES.iter().find(|(value, _)| *value == self).map(|(_, name)| *name)
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                match self.name() {
                    Some(name) => f.write_str(name),
                    None => write!(f, "{}({})", stringify!($name), self.0),
                }
            }
        }

        impl From<$name> for $repr {
            fn from(value: $name) -> Self {
                value.0
            }
        }
    };
}

/// Declares names of parameters.
macro_rules! names {
    ($( $(#[$doc:meta])* $name:ident = $text:literal ),* $(,)?) => {
        $( $(#[$doc])* pub const $name: &str = $text; )*

        /// All constants of this module and their names.
        pub const NAMES: &[(&str, &str)] = &[$( ($name, stringify!($name)) ),*];
    };
}

/// Declares sets of flags in the bits of a `u32`.
///
/// They behave like those of `bitflags!` and implement its [`Flags`](bitflags::Flags); the macro of that
/// crate makes so much code that this crate would take twice the time to compile.
macro_rules! flags {
    ($(
        $(#[$meta:meta])*
        pub struct $name:ident { $( $(#[$doc:meta])* $flag:ident = $bits:expr ),* $(,)? }
    )*) => {$(
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq)]
        pub struct $name(u32);

        impl $name {
            $( $(#[$doc])* pub const $flag: Self = Self($bits); )*

            /// No flag.
            #[must_use]
            pub const fn empty() -> Self {
                Self(0)
            }

            /// The flags with these bits, known or not.
            #[must_use]
            pub const fn from_bits_retain(bits: u32) -> Self {
                Self(bits)
            }

            /// The bits of the flags.
            #[must_use]
            pub const fn bits(self) -> u32 {
                self.0
            }

            /// Whether no flag is set.
            #[must_use]
            pub const fn is_empty(self) -> bool {
                self.0 == 0
            }

            /// Whether all of `other` are set.
            #[must_use]
            pub const fn contains(self, other: Self) -> bool {
                self.0 & other.0 == other.0
            }

            /// Whether any of `other` is set.
            #[must_use]
            pub const fn intersects(self, other: Self) -> bool {
                self.0 & other.0 != 0
            }

            /// The flags of both.
            #[must_use]
            pub const fn union(self, other: Self) -> Self {
                Self(self.0 | other.0)
            }

            /// The flags without those of `other`.
            #[must_use]
            pub const fn difference(self, other: Self) -> Self {
                Self(self.0 & !other.0)
            }
        }

        impl bitflags::Flags for $name {
            const FLAGS: &'static [bitflags::Flag<Self>] =
                &[$( bitflags::Flag::new(stringify!($flag), Self::$flag) ),*];

            type Bits = u32;

            fn bits(&self) -> u32 {
                self.0
            }

            fn from_bits_retain(bits: u32) -> Self {
                Self(bits)
            }
        }

        impl std::ops::BitOr for $name {
            type Output = Self;

            fn bitor(self, other: Self) -> Self {
                self.union(other)
            }
        }

        impl std::ops::BitAnd for $name {
            type Output = Self;

            fn bitand(self, other: Self) -> Self {
                Self(self.0 & other.0)
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                bitflags::parser::to_writer(self, f)
            }
        }
    )*};
}

/// Declares calls, one line each:
///
/// ```text
/// number Name { argument: type, .. } -> reply [object.permission if condition, ..] attribute(..) ..;
/// ```
///
/// An attribute is one of the constant builder methods of [`CallInfo`](crate::CallInfo): `high`, `deny`,
/// `stream(Read)`, `fds_out`, `filter("domain", "getattr")`... A line becomes the argument struct, which is
/// the type of the call, and an entry in the table of its file.
macro_rules! calls {
    ($program:ident, $served_by:ident; $(
        $(#[$doc:meta])*
        $number:literal $name:ident { $( $field:ident : $ty:ty ),* $(,)? } -> $reply:ty
            [ $( $object:ident . $permission:ident $( if $when:expr )? ),* ]
            $( $attr:ident $( ( $( $arg:expr ),* ) )? )* ;
    )*) => {
        $(
            xdr::xdr! { $(#[$doc])* pub struct $name { $( pub $field: $ty ),* } }

            impl $crate::Call for $name {
                type Reply = $reply;

                const INFO: &'static $crate::CallInfo = &{
                    const NAMES: &$crate::names::Names = &$crate::names::Names::of(stringify!($name));
                    $crate::CallInfo::new(
                        $crate::header::$program,
                        $number,
                        NAMES.procedure(),
                        NAMES.function(),
                        <$name as xdr::Xdr>::LAYOUT,
                        <$reply as xdr::Xdr>::LAYOUT,
                    )
                    .acl(&[$( acl_rule!($object $permission $($when)?) ),*])
                    .by($crate::ServedBy::$served_by)
                    $( .$attr( $($($arg),*)? ) )*
                };

                $( condition_argument!($field); )*
            }
        )*

        pub(crate) const TABLE: &[&$crate::CallInfo] = &[$( <$name as $crate::Call>::INFO ),*];

        pub(crate) fn visit<V: $crate::call::Visitor>(visitor: &mut V) {
            $( visitor.call::<$name>(); )*
        }
    };
}

macro_rules! acl_rule {
    ($object:ident $permission:ident) => { acl_rule!($object $permission $crate::acl::Condition::Always) };
    ($object:ident $permission:ident $when:expr) => {
        $crate::acl::Rule { object: stringify!($object), permission: stringify!($permission), when: $when }
    };
}

/// The two arguments that rules of access control look at.
macro_rules! condition_argument {
    (flags) => {
        fn flags(&self) -> u64 {
            self.flags.into()
        }
    };
    (source) => {
        fn source(&self) -> Option<u32> {
            Some(self.source)
        }
    };
    ($other:ident) => {};
}

/// Declares events, one line each: `number Name { field: type, .. } attribute(..);`.
macro_rules! events {
    ($program:ident; $(
        $(#[$doc:meta])*
        $number:literal $name:ident { $( $field:ident : $ty:ty ),* $(,)? }
            $( $attr:ident $( ( $( $arg:expr ),* ) )? )* ;
    )*) => {
        $(
            xdr::xdr! { $(#[$doc])* pub struct $name { $( pub $field: $ty ),* } }

            impl $crate::Event for $name {
                const INFO: &'static $crate::EventInfo = &{
                    const NAMES: &$crate::names::Names = &$crate::names::Names::of(stringify!($name));
                    $crate::EventInfo::new(
                        $crate::header::$program,
                        $number,
                        NAMES.procedure(),
                        <$name as xdr::Xdr>::LAYOUT,
                    )
                    $( .$attr( $($($arg),*)? ) )*
                };
            }
        )*

        pub(crate) const TABLE: &[&$crate::EventInfo] = &[$( <$name as $crate::Event>::INFO ),*];

        pub(crate) fn visit<V: $crate::call::Visitor>(visitor: &mut V) {
            $( visitor.event::<$name>(); )*
        }
    };
}

/// Joins the tables of several modules: names them once for everything that goes through all of them.
macro_rules! tables {
    ($info:ident, $visit:ident; $($module:ident),* $(,)?) => {
        const TABLES: &[&[&$crate::$info]] = &[$($module::TABLE),*];

        /// Shows the type of every procedure to the visitor.
        pub fn $visit<V: $crate::call::Visitor>(visitor: &mut V) {
            $($module::visit(visitor);)*
        }
    };
}
