//! Bodies as JSON, decoded by their layout.

use serde_json::{Map, Value, json};
use xdr::{Layout, Reader, Result, Xdr};

/// Decodes a body. `names` are the fields of the protocol's struct, for layouts that have lost them.
///
/// # Errors
/// The bytes do not fit the layout.
pub fn body(layout: &Layout, names: &[&str], bytes: &[u8]) -> Result<Value> {
    let reader = &mut Reader::new(bytes);
    let parts = match layout {
        Layout::Struct([]) => return Ok(Value::Null),
        Layout::Tuple(parts) => parts.to_vec(),
        Layout::Struct(fields) if fields.iter().map(|field| field.wire_name()).eq(names.iter().copied()) => {
            return value(layout, reader);
        }
        single => vec![single],
    };
    let values = parts.into_iter().map(|part| value(part, reader)).collect::<Result<Vec<_>>>()?;
    Ok(names.iter().map(|name| (*name).to_owned()).zip(values).collect::<Map<_, _>>().into())
}

fn value(layout: &Layout, r: &mut Reader<'_>) -> Result<Value> {
    Ok(match layout {
        Layout::Scalar(name) => scalar(name, r)?,
        Layout::String(_) => json!(String::decode(r)?),
        Layout::Opaque(max) => {
            let length = r.count(*max, 1)?;
            json!(hex(r.padded(length)?))
        }
        Layout::FixedOpaque(size) => json!(hex(r.padded(*size)?)),
        Layout::Optional(inner) => {
            if u32::decode(r)? == 0 {
                Value::Null
            } else {
                value(inner, r)?
            }
        }
        Layout::Array(element, max) => {
            let count = r.count(*max, 4)?;
            (0..count).map(|_| value(element, r)).collect::<Result<Vec<_>>>()?.into()
        }
        Layout::Vector(element, count) => {
            (0..*count).map(|_| value(element, r)).collect::<Result<Vec<_>>>()?.into()
        }
        Layout::Struct(fields) => {
            let fields = fields.iter().map(|f| Ok((f.wire_name().to_owned(), value(f.layout, r)?)));
            fields.collect::<Result<Map<_, _>>>()?.into()
        }
        Layout::Tuple(parts) => parts.iter().map(|p| value(p, r)).collect::<Result<Vec<_>>>()?.into(),
        Layout::Union(arms) => {
            let found = i32::decode(r)?;
            let arm = arms.iter().find(|arm| arm.value == found).ok_or(xdr::Error::UnknownArm(found))?;
            json!({ arm.name: value(arm.layout, r)? })
        }
    })
}

fn scalar(name: &str, r: &mut Reader<'_>) -> Result<Value> {
    Ok(match name {
        "i32" => json!(i32::decode(r)?),
        "u32" => json!(u32::decode(r)?),
        "i64" => json!(i64::decode(r)?),
        "u64" => json!(u64::decode(r)?),
        "f64" => json!(f64::decode(r)?),
        "uchar" => json!(u8::decode(r)?),
        "char" => json!(i8::decode(r)?),
        "ushort" => json!(u16::decode(r)?),
        other => panic!("unknown scalar {other}"),
    })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
