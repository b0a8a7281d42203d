//! Types that a key may have.

use std::fmt;

use crate::settings::{Setting, SettingError, Value};

/// A type of settings.
pub trait OptionValue: Sized {
    /// What its values look like, for the manual.
    const KIND: &'static str;

    /// Reads a setting; the error names it.
    fn from_setting(setting: &Setting) -> Result<Self, SettingError>;

    /// The value as it is written in a file; `None` is the absence of a value.
    fn to_value(&self) -> Option<Value>;
}

/// Permissions of a socket file, written as a string of octal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mode(pub u32);

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04o}", self.0)
    }
}

impl OptionValue for Mode {
    const KIND: &'static str = "an octal mode in quotes";

    fn from_setting(setting: &Setting) -> Result<Self, SettingError> {
        let text = setting.text()?;
        let mode = u32::from_str_radix(text, 8).ok().filter(|mode| *mode <= 0o777 && !text.starts_with('+'));
        mode.map(Self).ok_or_else(|| setting.error(&format!("'{text}' is no octal mode from 0 to 0777")))
    }

    fn to_value(&self) -> Option<Value> {
        Some(Value::Text(self.to_string()))
    }
}

impl OptionValue for bool {
    const KIND: &'static str = "0 or 1";

    fn from_setting(setting: &Setting) -> Result<Self, SettingError> {
        setting.switch()
    }

    fn to_value(&self) -> Option<Value> {
        Some(Value::Int(i64::from(*self)))
    }
}

impl OptionValue for u32 {
    const KIND: &'static str = "a number";

    fn from_setting(setting: &Setting) -> Result<Self, SettingError> {
        setting.number()
    }

    fn to_value(&self) -> Option<Value> {
        Some(Value::Int(i64::from(*self)))
    }
}

impl OptionValue for i32 {
    const KIND: &'static str = "a number";

    fn from_setting(setting: &Setting) -> Result<Self, SettingError> {
        let number = if let Value::Int(number) = setting.value { Self::try_from(number).ok() } else { None };
        let no_number = || format!("{} is no number from {} to {}", setting.value, Self::MIN, Self::MAX);
        number.ok_or_else(|| setting.error(&no_number()))
    }

    fn to_value(&self) -> Option<Value> {
        Some(Value::Int(i64::from(*self)))
    }
}

impl OptionValue for String {
    const KIND: &'static str = "a string";

    fn from_setting(setting: &Setting) -> Result<Self, SettingError> {
        setting.text().map(str::to_owned)
    }

    fn to_value(&self) -> Option<Value> {
        Some(Value::Text(self.clone()))
    }
}

impl OptionValue for Vec<String> {
    const KIND: &'static str = "a list of strings";

    fn from_setting(setting: &Setting) -> Result<Self, SettingError> {
        match &setting.value {
            Value::List(list) => Ok(list.clone()),
            other => Err(setting.error(&format!("{other} is no list of strings"))),
        }
    }

    fn to_value(&self) -> Option<Value> {
        Some(Value::List(self.clone()))
    }
}

impl<T: OptionValue> OptionValue for Option<T> {
    const KIND: &'static str = T::KIND;

    fn from_setting(setting: &Setting) -> Result<Self, SettingError> {
        T::from_setting(setting).map(Some)
    }

    fn to_value(&self) -> Option<Value> {
        self.as_ref().and_then(T::to_value)
    }
}
