//! Typed parameters: named values of seven types.

use xdr::{Arm, Layout, List, Reader, Xdr, xdr};

/// A list of typed parameters.
pub type Params<const MAX: u32> = List<TypedParam, MAX>;

xdr! {
    /// A named value.
    pub struct TypedParam {
        /// Name of at most 79 bytes; longer ones make a client refuse the list.
        pub field: String,
        /// The value.
        pub value: ParamValue,
    }
}

/// The value of a typed parameter.
#[derive(Debug, Clone, PartialEq)]
pub enum ParamValue {
    /// A signed 32-bit number.
    Int(i32),
    /// An unsigned 32-bit number.
    UInt(u32),
    /// A signed 64-bit number.
    LLong(i64),
    /// An unsigned 64-bit number.
    ULLong(u64),
    /// A floating point number.
    Double(f64),
    /// True or false; sent as an int, in which any non-zero value is true.
    Boolean(bool),
    /// Text.
    String(String),
}

impl TypedParam {
    /// A parameter with this name and value.
    pub fn new(field: impl Into<String>, value: impl Into<ParamValue>) -> Self {
        Self { field: field.into(), value: value.into() }
    }
}

impl ParamValue {
    /// The discriminant on the wire, `VIR_TYPED_PARAM_INT` and so on.
    #[must_use]
    pub const fn kind(&self) -> i32 {
        match self {
            Self::Int(_) => 1,
            Self::UInt(_) => 2,
            Self::LLong(_) => 3,
            Self::ULLong(_) => 4,
            Self::Double(_) => 5,
            Self::Boolean(_) => 6,
            Self::String(_) => 7,
        }
    }
}

macro_rules! from {
    ($($ty:ty => $arm:ident),*) => {$(
        impl From<$ty> for ParamValue {
            fn from(value: $ty) -> Self {
                Self::$arm(value.into())
            }
        }
    )*};
}

from! {
    i32 => Int, u32 => UInt, i64 => LLong, u64 => ULLong, f64 => Double, bool => Boolean,
    String => String, &str => String
}

impl Xdr for ParamValue {
    const MIN_SIZE: usize = 8;
    const LAYOUT: &'static Layout = &Layout::Union(&[
        Arm { value: 1, name: "i", layout: i32::LAYOUT },
        Arm { value: 2, name: "ui", layout: u32::LAYOUT },
        Arm { value: 3, name: "l", layout: i64::LAYOUT },
        Arm { value: 4, name: "ul", layout: u64::LAYOUT },
        Arm { value: 5, name: "d", layout: f64::LAYOUT },
        Arm { value: 6, name: "b", layout: i32::LAYOUT },
        Arm { value: 7, name: "s", layout: String::LAYOUT },
    ]);

    fn encode(&self, out: &mut Vec<u8>) -> xdr::Result<()> {
        self.kind().encode(out)?;
        match self {
            Self::Int(value) => value.encode(out),
            Self::UInt(value) => value.encode(out),
            Self::LLong(value) => value.encode(out),
            Self::ULLong(value) => value.encode(out),
            Self::Double(value) => value.encode(out),
            Self::Boolean(value) => i32::from(*value).encode(out),
            Self::String(value) => value.encode(out),
        }
    }

    fn decode(r: &mut Reader<'_>) -> xdr::Result<Self> {
        Ok(match i32::decode(r)? {
            1 => Self::Int(Xdr::decode(r)?),
            2 => Self::UInt(Xdr::decode(r)?),
            3 => Self::LLong(Xdr::decode(r)?),
            4 => Self::ULLong(Xdr::decode(r)?),
            5 => Self::Double(Xdr::decode(r)?),
            6 => Self::Boolean(i32::decode(r)? != 0),
            7 => Self::String(Xdr::decode(r)?),
            other => return Err(xdr::Error::UnknownArm(other)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_goes_over_the_wire() {
        for value in [
            ParamValue::Int(-1),
            ParamValue::UInt(1),
            ParamValue::LLong(-1),
            ParamValue::ULLong(1),
            ParamValue::Double(0.5),
            ParamValue::Boolean(true),
            ParamValue::String("x".to_owned()),
        ] {
            let param = TypedParam::new("name", value);
            let bytes = xdr::to_bytes(&param).unwrap();
            assert_eq!(bytes[8..12], param.value.kind().to_be_bytes());
            assert_eq!(xdr::from_bytes(&bytes), Ok(param));
        }
    }

    #[test]
    fn other_types_are_refused() {
        for kind in [0, 8, -1] {
            let bytes = xdr::to_bytes(&(kind, 0u64)).unwrap();
            assert_eq!(xdr::from_bytes::<ParamValue>(&bytes), Err(xdr::Error::UnknownArm(kind)));
        }
    }

    #[test]
    fn any_boolean_but_zero_is_true() {
        let bytes = xdr::to_bytes(&(6, 2)).unwrap();
        assert_eq!(xdr::from_bytes(&bytes), Ok(ParamValue::Boolean(true)));
    }
}
