//! Layouts as the facts have them, in the notation of [`xdr::Layout`].

use std::collections::HashMap;

use crate::facts;

const TYPED_PARAM_VALUE: &str =
    "union {1 i: i32, 2 ui: u32, 3 l: i64, 4 ul: u64, 5 d: f64, 6 b: i32, 7 s: string<4194304>}";

/// The fields of every struct.
#[derive(Debug)]
pub struct Shapes(HashMap<&'static str, Vec<(&'static str, &'static str)>>);

impl Shapes {
    /// Reads the table.
    #[must_use]
    pub fn load() -> Self {
        let mut structs: HashMap<_, Vec<_>> = HashMap::new();
        for row in facts::structs() {
            structs.entry(row["struct"]).or_default().push((row["field"], row["type"]));
        }
        Self(structs)
    }

    /// Names of the fields of a struct; `-` is the struct without fields.
    ///
    /// # Panics
    /// There is no such struct.
    #[must_use]
    pub fn names(&self, name: &str) -> Vec<&'static str> {
        self.fields(name).iter().map(|(field, _)| *field).collect()
    }

    /// The layout of a struct with all structs in it expanded.
    ///
    /// # Panics
    /// There is no such struct.
    #[must_use]
    pub fn of_struct(&self, name: &str) -> String {
        let fields = self.fields(name).iter().map(|(field, ty)| format!("{field}: {}", self.of_type(ty)));
        format!("{{{}}}", fields.collect::<Vec<_>>().join(", "))
    }

    /// The layout of a struct whose fields have lost their names: a tuple, or the only field itself.
    ///
    /// # Panics
    /// There is no such struct.
    #[must_use]
    pub fn unnamed(&self, name: &str) -> String {
        let mut types: Vec<_> = self.fields(name).iter().map(|(_, ty)| self.of_type(ty)).collect();
        if types.len() == 1 { types.remove(0) } else { format!("({})", types.join(", ")) }
    }

    fn fields(&self, name: &str) -> &[(&'static str, &'static str)] {
        if name == "-" {
            return &[];
        }
        self.0.get(name).unwrap_or_else(|| panic!("no struct {name}"))
    }

    fn of_type(&self, ty: &str) -> String {
        if let Some(inner) = ty.strip_prefix("optional ") {
            return format!("optional {}", self.of_type(inner));
        }
        if let Some(name) = ty.strip_prefix("struct ") {
            return self.of_struct(name);
        }
        match ty {
            "union remote_typed_param_value" | "union admin_typed_param_value" => {
                TYPED_PARAM_VALUE.to_owned()
            }
            "enum remote_auth_type" => "i32".to_owned(),
            "enum virNetMessageType" | "enum virNetMessageStatus" => "u32".to_owned(),
            _ => self
                .of_list(ty, "array")
                .or_else(|| self.of_list(ty, "vector"))
                .unwrap_or_else(|| ty.to_owned()),
        }
    }

    fn of_list(&self, ty: &str, kind: &str) -> Option<String> {
        let inner = ty.strip_prefix(kind)?.strip_prefix('<')?.strip_suffix('>')?;
        let (element, size) = inner.rsplit_once(',')?;
        Some(format!("{kind}<{},{size}>", self.of_type(element)))
    }
}
