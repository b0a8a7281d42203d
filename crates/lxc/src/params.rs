//! Typed parameters as arguments and replies.

use protocol::consts::TypedParamFlags;
use protocol::params::{ParamValue, Params, TypedParam};
use protocol::{Error, ErrorCode, ErrorDomain, Result};

/// Type of a parameter, with its number on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Int = 1,
    UInt = 2,
    LLong = 3,
    ULLong = 4,
    Boolean = 6,
    String = 7,
}

/// Checks a list that a client wants to set: `function` is the public one. Refuses an empty list, unknown names,
/// wrong types, and a name that occurs twice.
pub(crate) fn check(params: &[TypedParam], known: &[(&str, Kind)], function: &str) -> Result<()> {
    if params.is_empty() {
        let detail = format!("nparams in {function} must be greater than zero");
        return Err(Error::invalid_arg(ErrorDomain::DOMAIN, &detail));
    }
    for (at, TypedParam { field, value }) in params.iter().enumerate() {
        let Some((_, kind)) = known.iter().find(|(name, _)| name == field) else {
            let detail = format!("parameter '{field}' not supported");
            return Err(Error::argument_unsupported(ErrorDomain::NONE, &detail));
        };
        let (given, wanted) = (value.kind(), *kind as i32);
        if given != wanted {
            let (given, wanted) = (type_name(given), type_name(wanted));
            let detail = format!("invalid type '{given}' for parameter '{field}', expected '{wanted}'");
            return Err(Error::invalid_arg(ErrorDomain::NONE, &detail));
        }
        if params[..at].iter().any(|earlier| earlier.field == *field) {
            let detail = format!("parameter '{field}' occurs multiple times");
            return Err(Error::invalid_arg(ErrorDomain::NONE, &detail));
        }
    }
    Ok(())
}

const fn type_name(kind: i32) -> &'static str {
    match kind {
        1 => "int",
        2 => "uint",
        3 => "llong",
        4 => "ullong",
        5 => "double",
        6 => "boolean",
        _ => "string",
    }
}

/// Value of an unsigned 64-bit parameter, if it is given.
pub(crate) fn ullong(params: &[TypedParam], name: &str) -> Option<u64> {
    params.iter().find(|param| param.field == name).and_then(|param| match param.value {
        ParamValue::ULLong(value) => Some(value),
        _ => None,
    })
}

/// Value of an unsigned 32-bit parameter, if it is given.
pub(crate) fn uint(params: &[TypedParam], name: &str) -> Option<u32> {
    params.iter().find(|param| param.field == name).and_then(|param| match param.value {
        ParamValue::UInt(value) => Some(value),
        _ => None,
    })
}

/// Value of a signed 32-bit parameter, if it is given.
pub(crate) fn int(params: &[TypedParam], name: &str) -> Option<i32> {
    params.iter().find(|param| param.field == name).and_then(|param| match param.value {
        ParamValue::Int(value) => Some(value),
        _ => None,
    })
}

/// Value of a textual parameter, if it is given.
pub(crate) fn text<'a>(params: &'a [TypedParam], name: &str) -> Option<&'a str> {
    params.iter().find(|param| param.field == name).and_then(|param| match &param.value {
        ParamValue::String(value) => Some(value.as_str()),
        _ => None,
    })
}

/// Value of a signed 64-bit parameter, if it is given.
pub(crate) fn llong(params: &[TypedParam], name: &str) -> Option<i64> {
    params.iter().find(|param| param.field == name).and_then(|param| match param.value {
        ParamValue::LLong(value) => Some(value),
        _ => None,
    })
}

/// How many parameters a client has room for.
pub(crate) fn room(nparams: i32, max: u32) -> Result<usize> {
    let room = u32::try_from(nparams).ok().filter(|room| *room <= max);
    let room = room.and_then(|room| usize::try_from(room).ok());
    room.ok_or_else(|| Error::new(ErrorCode::INTERNAL_ERROR, ErrorDomain::RPC, "nparams too large"))
}

/// The reply of a getter: of room 0 only how many there are, else as many as there is room for. A client that does
/// not say that it understands strings gets none.
pub(crate) fn reply<const MAX: u32>(
    mut list: Vec<TypedParam>,
    room: usize,
    flags: u32,
) -> (Params<MAX>, i32) {
    if room == 0 {
        return (Vec::new().into(), i32::try_from(list.len()).unwrap_or(i32::MAX));
    }
    list.truncate(room);
    if flags & TypedParamFlags::STRING_OKAY.bits() == 0 {
        list.retain(|param| !matches!(param.value, ParamValue::String(_)));
    }
    (list.into(), 0)
}

/// Flags without the one that says that strings are understood.
pub(crate) const fn without_string_okay(flags: u32) -> u32 {
    flags & !TypedParamFlags::STRING_OKAY.bits()
}

#[cfg(test)]
mod tests {
    use super::check as check_list;
    use super::*;

    const KNOWN: &[(&str, Kind)] = &[("a", Kind::ULLong), ("b", Kind::LLong)];

    #[test]
    fn lists_to_set() {
        let check = |params: &[(&str, ParamValue)], expect: Result<(), (i32, &str)>| {
            let params: Vec<_> =
                params.iter().map(|(name, value)| TypedParam::new(*name, value.clone())).collect();
            let result = check_list(&params, KNOWN, "virF");
            let result = result.map_err(|error| (error.code.0, error.str2.unwrap()));
            assert_eq!(result.as_ref().map_err(|(code, text)| (*code, text.as_str())).copied(), expect);
        };
        let one = ParamValue::ULLong(1);
        check(&[("a", one.clone()), ("b", ParamValue::LLong(-1))], Ok(()));
        check(&[], Err((8, "nparams in virF must be greater than zero")));
        check(&[("d", one.clone())], Err((74, "parameter 'd' not supported")));
        check(&[("b", one.clone())], Err((8, "invalid type 'ullong' for parameter 'b', expected 'llong'")));
        check(&[("a", one.clone()), ("a", one)], Err((8, "parameter 'a' occurs multiple times")));
    }

    #[test]
    fn room_of_a_client() {
        for (nparams, expect) in [(0, Some(0)), (16, Some(16)), (17, None), (-1, None), (i32::MIN, None)] {
            assert_eq!(room(nparams, 16).ok(), expect, "{nparams}");
        }
        assert_eq!(room(-1, 16).unwrap_err().message, "internal error: nparams too large");
    }

    #[test]
    fn replies() {
        let list =
            || vec![TypedParam::new("a", 1_u64), TypedParam::new("c", "x"), TypedParam::new("b", 1_i64)];
        let names = |(params, count): (Params<16>, i32)| {
            (params.iter().map(|param| param.field.clone()).collect::<Vec<_>>().join(" "), count)
        };
        assert_eq!(names(reply(list(), 0, 0)), (String::new(), 3));
        assert_eq!(names(reply(list(), 9, 4)), ("a c b".into(), 0));
        assert_eq!(names(reply(list(), 2, 4)), ("a c".into(), 0));
        assert_eq!(names(reply(list(), 9, 0)), ("a b".into(), 0));
    }
}
