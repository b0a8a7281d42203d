//! Taking a part out of a document: it must bring the namespace declarations it uses.

use std::sync::Arc;

use crate::{Element, Name, Node};

type Declared = Vec<(Option<String>, Arc<str>)>;

impl Element {
    /// Declares here every namespace that is used here or below without a declaration in between, in the
    /// order of first use.
    pub fn declare_used(&mut self) {
        let mut missing = Declared::new();
        let mut scope = Declared::new();
        self.collect_undeclared(&mut scope, &mut missing);
        self.declarations.extend(missing);
    }

    fn collect_undeclared(&self, scope: &mut Declared, missing: &mut Declared) {
        let depth = scope.len();
        scope.extend(self.declarations.iter().cloned());
        for name in std::iter::once(&self.name).chain(self.attributes.iter().map(|a| &a.name)) {
            name.check_declared(scope, missing);
        }
        for child in &self.children {
            if let Node::Element(child) = child {
                child.collect_undeclared(scope, missing);
            }
        }
        scope.truncate(depth);
    }
}

impl Name {
    fn check_declared(&self, scope: &Declared, missing: &mut Declared) {
        let Some(uri) = &self.uri else { return };
        if self.prefix.as_deref() == Some("xml") {
            return;
        }
        let find =
            |list: &Declared| list.iter().rev().find(|(p, _)| *p == self.prefix).map(|(_, u)| Arc::clone(u));
        if find(scope).or_else(|| find(missing)).as_ref() != Some(uri) {
            missing.push((self.prefix.clone(), Arc::clone(uri)));
        }
    }
}
