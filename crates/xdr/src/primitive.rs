//! Numbers, optional values, tuples and the empty value.

use crate::{Layout, Reader, Result, Xdr};

macro_rules! number {
    ($($ty:ty, $name:literal);*) => {$(
        impl Xdr for $ty {
            const MIN_SIZE: usize = size_of::<Self>();
            const LAYOUT: &'static Layout = &Layout::Scalar($name);

            fn encode(&self, out: &mut Vec<u8>) -> Result<()> {
                out.extend_from_slice(&self.to_be_bytes());
                Ok(())
            }

            fn decode(r: &mut Reader<'_>) -> Result<Self> {
                Ok(Self::from_be_bytes(r.array()?))
            }
        }
    )*};
}

number! { i32, "i32"; u32, "u32"; i64, "i64"; u64, "u64"; f64, "f64" }

/// Types of C narrower than an int take four bytes each; on decode only the low bytes count.
macro_rules! narrow {
    ($($ty:ty, $wide:ty, $name:literal, $bytes:pat => $value:expr;)*) => {$(
        impl Xdr for $ty {
            const MIN_SIZE: usize = 4;
            const LAYOUT: &'static Layout = &Layout::Scalar($name);

            fn encode(&self, out: &mut Vec<u8>) -> Result<()> {
                <$wide>::from(*self).encode(out)
            }

            fn decode(r: &mut Reader<'_>) -> Result<Self> {
                let $bytes = r.array::<4>()?;
                Ok($value)
            }
        }
    )*};
}

narrow! {
    u8, u32, "uchar", [.., low] => low;
    i8, i32, "char", [.., low] => low.cast_signed();
    u16, u32, "ushort", [.., high, low] => Self::from_be_bytes([high, low]);
}

impl Xdr for () {
    const MIN_SIZE: usize = 0;
    const LAYOUT: &'static Layout = &Layout::Struct(&[]);

    fn encode(&self, _: &mut Vec<u8>) -> Result<()> {
        Ok(())
    }

    fn decode(_: &mut Reader<'_>) -> Result<Self> {
        Ok(())
    }
}

/// Any non-zero flag means that the value is present: some clients send 0x01000000.
impl<T: Xdr> Xdr for Option<T> {
    const MIN_SIZE: usize = 4;
    const LAYOUT: &'static Layout = &Layout::Optional(T::LAYOUT);

    fn encode(&self, out: &mut Vec<u8>) -> Result<()> {
        match self {
            None => 0u32.encode(out),
            Some(value) => {
                1u32.encode(out)?;
                value.encode(out)
            }
        }
    }

    fn decode(r: &mut Reader<'_>) -> Result<Self> {
        if u32::decode(r)? == 0 { Ok(None) } else { T::decode(r).map(Some) }
    }
}

macro_rules! tuple {
    ($($name:ident),+) => {
        impl<$($name: Xdr),+> Xdr for ($($name,)+) {
            const MIN_SIZE: usize = 0 $(+ $name::MIN_SIZE)+;
            const LAYOUT: &'static Layout = &Layout::Tuple(&[$($name::LAYOUT),+]);

            #[allow(non_snake_case)]
            fn encode(&self, out: &mut Vec<u8>) -> Result<()> {
                let ($($name,)+) = self;
                $($name.encode(out)?;)+
                Ok(())
            }

            fn decode(r: &mut Reader<'_>) -> Result<Self> {
                Ok(($($name::decode(r)?,)+))
            }
        }
    };
}

tuple!(A);
tuple!(A, B);
tuple!(A, B, C);
tuple!(A, B, C, D);
tuple!(A, B, C, D, E);
tuple!(A, B, C, D, E, F);
tuple!(A, B, C, D, E, F, G);
tuple!(A, B, C, D, E, F, G, H);
