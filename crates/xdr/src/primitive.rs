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

#[cfg(test)]
mod tests {
    use std::fmt::Debug;

    use proptest::prelude::*;

    use crate::{Error, Xdr, from_bytes, to_bytes};

    #[track_caller]
    fn check<T: Xdr + Debug + PartialEq>(value: &T, bytes: &[u8]) {
        assert_eq!(to_bytes(value).as_deref(), Ok(bytes));
        assert_eq!(from_bytes::<T>(bytes).as_ref(), Ok(value));
        for length in 0..bytes.len() {
            let result = from_bytes::<T>(&bytes[..length]);
            assert!(matches!(result, Err(Error::Truncated { .. })), "cut at {length}: {result:?}");
        }
    }

    #[test]
    fn numbers_are_big_endian() {
        check(&-2i32, &[255, 255, 255, 254]);
        check(&0x0102_0304u32, &[1, 2, 3, 4]);
        check(&-2i64, &[255, 255, 255, 255, 255, 255, 255, 254]);
        check(&0x0102_0304_0506_0708u64, &[1, 2, 3, 4, 5, 6, 7, 8]);
        check(&1.0f64, &[0x3f, 0xf0, 0, 0, 0, 0, 0, 0]);
    }

    #[test]
    fn narrow_numbers_take_four_bytes() {
        check(&200u8, &[0, 0, 0, 200]);
        check(&-1i8, &[255, 255, 255, 255]);
        check(&0x0102u16, &[0, 0, 1, 2]);
        assert_eq!(from_bytes::<u8>(&[1, 2, 3, 4]), Ok(4), "only the low byte counts");
    }

    #[test]
    fn any_flag_but_zero_means_present() {
        check(&None::<u32>, &[0, 0, 0, 0]);
        check(&Some(5u32), &[0, 0, 0, 1, 0, 0, 0, 5]);
        assert_eq!(from_bytes::<Option<u32>>(&[1, 0, 0, 0, 0, 0, 0, 5]), Ok(Some(5)));
    }

    #[test]
    fn tuples_are_their_parts() {
        check(&(1u32, None::<u64>, -1i32), &[0, 0, 0, 1, 0, 0, 0, 0, 255, 255, 255, 255]);
        check(&(), &[]);
        assert_eq!(<(u32, Option<u64>, i64)>::MIN_SIZE, 16);
        assert_eq!(<(u32, Option<String>)>::LAYOUT.to_string(), "(u32, optional string<4194304>)");
    }

    #[test]
    fn bytes_left_over_are_ignored() {
        assert_eq!(from_bytes::<u32>(&[0, 0, 0, 7, 9]), Ok(7));
    }

    proptest! {
        #[test]
        fn what_is_encoded_decodes_to_the_same(
            value: (i32, u64, Option<(i8, u16)>),
            text: String,
            double in any::<f64>().prop_filter("comparable", |d| !d.is_nan()),
        ) {
            let value = (value, text, double);
            let bytes = to_bytes(&value)?;
            prop_assert_eq!(bytes.len() % 4, 0);
            prop_assert_eq!(from_bytes(&bytes), Ok(value));
        }
    }
}
