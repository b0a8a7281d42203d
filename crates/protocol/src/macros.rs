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

/// Declares calls, one line each:
///
/// ```text
/// number Name { argument: type, .. } -> reply [object.permission if condition, ..] attribute(..) ..;
/// ```
///
/// An attribute is one of the constant builder methods of [`CallInfo`](crate::CallInfo): `high`, `deny`,
/// `stream(Read)`, `fds_out`, `filter("domain", "getattr")`... A line becomes the argument struct, which is the
/// type of the call, and an entry in the table of its file.
macro_rules! calls {
    ($program:ident, $served_by:expr; $(
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
                    const CAMEL: &str = stringify!($name);
                    const SNAKE: [u8; $crate::names::snake_len(CAMEL)] = $crate::names::snake(CAMEL);
                    const FUNCTION: [u8; $crate::names::function_len(CAMEL)] = $crate::names::function(CAMEL);
                    $crate::CallInfo::new(
                        $crate::header::$program,
                        $number,
                        $crate::names::text(&SNAKE),
                        $crate::names::text(&FUNCTION),
                        <$name as xdr::Xdr>::LAYOUT,
                        <$reply as xdr::Xdr>::LAYOUT,
                    )
                    .acl(&[$( acl_rule!($object $permission $($when)?) ),*])
                    .by($served_by)
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

/// Declares events, one line each: `number Name { field: type, .. } [object.permission] attribute(..);`.
macro_rules! events {
    ($program:ident; $(
        $(#[$doc:meta])*
        $number:literal $name:ident { $( $field:ident : $ty:ty ),* $(,)? }
            $( [ $object:ident . $permission:ident ] )? $( $attr:ident $( ( $( $arg:expr ),* ) )? )* ;
    )*) => {
        $(
            xdr::xdr! { $(#[$doc])* pub struct $name { $( pub $field: $ty ),* } }

            impl $crate::Event for $name {
                const INFO: &'static $crate::EventInfo = &{
                    const CAMEL: &str = stringify!($name);
                    const SNAKE: [u8; $crate::names::snake_len(CAMEL)] = $crate::names::snake(CAMEL);
                    $crate::EventInfo::new(
                        $crate::header::$program,
                        $number,
                        $crate::names::text(&SNAKE),
                        <$name as xdr::Xdr>::LAYOUT,
                    )
                    $( .filter(stringify!($object), stringify!($permission)) )?
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
