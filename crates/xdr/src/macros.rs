//! Structs as wire types.

/// Declares structs whose encoding is that of their fields in order.
///
/// Field names are those of the protocol, whatever their case.
///
/// ```
/// xdr::xdr! {
///     /// A point in the plane.
///     pub struct Point {
///         pub x: i32,
///         pub y: i32,
///     }
/// }
/// assert_eq!(xdr::to_bytes(&Point { x: 1, y: -1 }), Ok(vec![0, 0, 0, 1, 255, 255, 255, 255]));
/// ```
#[macro_export]
macro_rules! xdr {
    ($(
        $(#[$meta:meta])*
        $vis:vis struct $name:ident {
            $( $(#[$field_meta:meta])* $field_vis:vis $field:ident : $ty:ty ),* $(,)?
        }
    )+) => {$(
        $(#[$meta])*
        #[allow(non_snake_case)]
        #[derive(Debug, Clone, PartialEq)]
        $vis struct $name { $( $(#[$field_meta])* $field_vis $field: $ty ),* }

        impl $crate::Xdr for $name {
            const MIN_SIZE: usize = 0 $(+ <$ty as $crate::Xdr>::MIN_SIZE)*;
            const LAYOUT: &'static $crate::Layout = &$crate::Layout::Struct(&[$(
                $crate::Field { name: stringify!($field), layout: <$ty as $crate::Xdr>::LAYOUT }
            ),*]);

            #[allow(unused_variables)]
            fn encode(&self, out: &mut Vec<u8>) -> $crate::Result<()> {
                $( $crate::Xdr::encode(&self.$field, out)?; )*
                Ok(())
            }

            #[allow(unused_variables)]
            fn decode(r: &mut $crate::Reader<'_>) -> $crate::Result<Self> {
                Ok(Self { $( $field: $crate::Xdr::decode(r)? ),* })
            }
        }
    )+};
}

#[cfg(test)]
mod tests {
    use crate::{Error, Xdr, from_bytes, to_bytes};

    xdr! {
        /// One of everything that a field may be.
        #[derive(Eq)]
        struct Sample {
            r#type: i32,
            maxMem: u64,
            name: Option<String>,
        }

        /// Nothing.
        struct Empty {}
    }

    #[test]
    fn structs_are_their_fields() {
        let sample = Sample { r#type: 1, maxMem: 2, name: Some("x".to_owned()) };
        let bytes = [0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 1, b'x', 0, 0, 0];
        assert_eq!(to_bytes(&sample).as_deref(), Ok(&bytes[..]));
        assert_eq!(from_bytes(&bytes), Ok(sample));
        assert_eq!(Sample::MIN_SIZE, 16);
        assert_eq!(from_bytes::<Sample>(&bytes[..10]), Err(Error::Truncated { needed: 8, remaining: 6 }));
    }

    #[test]
    fn layouts_have_the_names_of_the_protocol() {
        let layout = "{type: i32, maxMem: u64, name: optional string<4194304>}";
        assert_eq!(Sample::LAYOUT.to_string(), layout);
        assert_eq!((Empty::LAYOUT.to_string(), Empty::MIN_SIZE), ("{}".to_owned(), 0));
    }
}
