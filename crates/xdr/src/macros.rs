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
        pub struct $name:ident { $( $(#[$field_meta:meta])* pub $field:ident : $ty:ty ),* $(,)? }
    )+) => {$(
        $(#[$meta])*
        #[allow(non_snake_case)]
        #[derive(Debug, Clone, PartialEq)]
        pub struct $name { $( $(#[$field_meta])* pub $field: $ty ),* }

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
