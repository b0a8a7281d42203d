//! Which crate may depend on which: dependencies go down, never up or across.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::Finding;

/// Every crate of the product, lowest first, with the crates of ours that it may use.
const LAYERS: &[(&str, &[&str])] = &[
    ("xdr", &[]),
    ("protocol", &["xdr"]),
    ("rpc", &["protocol", "xdr"]),
    ("xml", &[]),
    ("conf", &["xml"]),
    ("kernel", &[]),
    ("store", &[]),
    ("leaseshelper", &[]),
    ("cgroup", &["kernel"]),
    ("runtime", &["kernel", "cgroup"]),
    ("monitor", &["kernel", "cgroup", "runtime"]),
    ("host", &["xdr", "protocol", "rpc", "xml", "conf", "kernel"]),
    ("lxc", &["xdr", "protocol", "rpc", "xml", "conf", "kernel", "cgroup", "runtime", "host", "store"]),
    ("network", &["xdr", "protocol", "rpc", "xml", "conf", "kernel", "store"]),
    ("virtcontainerd", &["xdr", "protocol", "rpc", "conf", "kernel", "runtime", "host", "lxc", "network"]),
];

/// Test crates may use any crate of the product and this one of each other.
const TESTKIT: &str = "testkit";

/// Crates that stay free of the async runtime, however indirectly it would come.
const NO_TOKIO: &[&str] = &[
    "xdr",
    "protocol",
    "xml",
    "conf",
    "kernel",
    "store",
    "leaseshelper",
    "cgroup",
    "runtime",
    "monitor",
    "tidy",
];

/// Checks the output of `cargo metadata --format-version 1`.
pub fn check(metadata: &Value) -> Vec<Finding> {
    let packages = Packages::new(metadata);
    let mut findings = Vec::new();
    for (name, path) in &packages.ours {
        let in_product = path.contains("/crates/");
        let layer = LAYERS.iter().find(|(layer, _)| layer == name);
        if in_product && layer.is_none() {
            findings.push(finding(name, "is in no layer: give it a line in tests/tidy/src/rules/layers.rs"));
            continue;
        }
        for used in packages.direct(name) {
            let allowed = match layer {
                Some((_, below)) => below.contains(&used.as_str()),
                None => used == TESTKIT || LAYERS.iter().any(|(layer, _)| *layer == used),
            };
            if !allowed && *used != *name {
                findings.push(finding(name, &format!("depends on {used}, which its layer does not see")));
            }
        }
        if NO_TOKIO.contains(&name.as_str())
            && let Some(way) = packages.way(name, "tokio")
        {
            findings.push(finding(name, &format!("brings in tokio: {}", way.join(" -> "))));
        }
    }
    for (layer, _) in LAYERS.iter().filter(|(layer, _)| !packages.ours.contains_key(*layer)) {
        findings.push(finding(layer, "has a layer but is not a crate of the workspace"));
    }
    findings
}

fn finding(name: &str, text: &str) -> Finding {
    Finding::new(&format!("crate {name}"), 0, text)
}

/// What the metadata says, by name.
struct Packages {
    /// Members of the workspace and their manifests.
    ours: BTreeMap<String, String>,
    names: BTreeMap<String, String>,
    /// Package id to the ids it uses, without what only its tests use.
    uses: BTreeMap<String, Vec<String>>,
    /// Names of members that a member's manifest lists, for its tests too.
    listed: BTreeMap<String, BTreeSet<String>>,
}

impl Packages {
    fn new(metadata: &Value) -> Self {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
        let members: Vec<String> = list(&metadata["workspace_members"]).iter().map(text).collect();
        let mut packages = Self {
            ours: BTreeMap::new(),
            names: BTreeMap::new(),
            uses: BTreeMap::new(),
            listed: BTreeMap::new(),
        };
        for package in list(&metadata["packages"]) {
            let (id, name) = (text(&package["id"]), text(&package["name"]));
            if members.contains(&id) {
                packages.ours.insert(name.clone(), text(&package["manifest_path"]));
                let listed = list(&package["dependencies"]);
                let listed = listed.iter().filter(|d| !d["path"].is_null()).map(|d| text(&d["name"]));
                packages.listed.insert(name.clone(), listed.collect());
            }
            packages.names.insert(id, name);
        }
        for node in list(&metadata["resolve"]["nodes"]) {
            let used = list(&node["deps"]);
            let used = used.iter().filter(|d| list(&d["dep_kinds"]).iter().any(|kind| kind["kind"] != "dev"));
            packages.uses.insert(text(&node["id"]), used.map(|d| text(&d["pkg"])).collect());
        }
        packages
    }

    fn direct(&self, name: &str) -> impl Iterator<Item = &String> {
        self.listed.get(name).into_iter().flatten()
    }

    /// How `from` comes to use `to`, as a chain of names.
    fn way(&self, from: &str, to: &str) -> Option<Vec<String>> {
        let start = self.names.iter().find(|(id, name)| *name == from && self.uses.contains_key(*id))?.0;
        let mut seen = BTreeSet::from([start]);
        let mut open = vec![vec![start]];
        while let Some(way) = open.pop() {
            let last = way.last()?;
            if self.names.get(*last).is_some_and(|name| name == to) {
                return Some(way.iter().map(|id| self.names[*id].clone()).collect());
            }
            for next in self.uses.get(*last).into_iter().flatten() {
                if seen.insert(next) {
                    open.push(way.iter().copied().chain([next]).collect());
                }
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Metadata of a workspace with all layers, of which `from` uses `to` in the given way.
    fn workspace(from: &str, to: &str, kind: Option<&str>) -> Value {
        let names = LAYERS.iter().map(|(name, _)| *name).chain(["wire", TESTKIT, "tokio"]);
        let mut packages = Vec::new();
        let mut nodes = Vec::new();
        for name in names.clone() {
            let place = if ["wire", TESTKIT].contains(&name) { "tests" } else { "crates" };
            let listed = (name == from).then(|| json!({ "name": to, "path": "/p", "kind": kind }));
            let used = (name == from).then(|| json!({ "pkg": to, "dep_kinds": [{ "kind": kind }] }));
            packages.push(json!({
                "id": name, "name": name, "manifest_path": format!("/p/{place}/{name}/Cargo.toml"),
                "dependencies": listed.into_iter().collect::<Vec<_>>(),
            }));
            nodes.push(json!({ "id": name, "deps": used.into_iter().collect::<Vec<_>>() }));
        }
        let members: Vec<_> = names.filter(|name| *name != "tokio").collect();
        json!({ "packages": packages, "workspace_members": members, "resolve": { "nodes": nodes } })
    }

    fn found(from: &str, to: &str, kind: Option<&str>) -> usize {
        check(&workspace(from, to, kind)).len()
    }

    #[test]
    fn an_upward_dependency_is_found() {
        assert_eq!(found("lxc", "conf", None), 0);
        assert_eq!(found("conf", "lxc", None), 1);
        assert_eq!(found("runtime", "conf", None), 1);
        assert_eq!(found("runtime", "conf", Some("dev")), 1, "tests of a layer see no more than the layer");
        assert_eq!(found("rpc", "lxc", None), 1);
        assert_eq!(found("lxc", TESTKIT, None), 1);
        assert_eq!(found("wire", "lxc", None), 0);
        assert_eq!(found("wire", TESTKIT, None), 0);
        assert_eq!(found(TESTKIT, "wire", None), 1);
    }

    #[test]
    fn tokio_below_the_daemon_is_found() {
        let mut metadata = workspace("kernel", "tokio", None);
        metadata["packages"][5]["dependencies"] = json!([]);
        let found: Vec<_> = check(&metadata).into_iter().map(|f| f.to_string()).collect();
        assert_eq!(found, ["crate kernel: brings in tokio: kernel -> tokio"]);
        metadata["resolve"]["nodes"][5]["deps"][0]["dep_kinds"] = json!([{ "kind": "dev" }]);
        assert_eq!(check(&metadata), []);
    }

    #[test]
    fn a_crate_without_a_layer_is_found() {
        let mut metadata = workspace("", "", None);
        assert_eq!(check(&metadata), []);
        metadata["packages"][0]["name"] = json!("stranger");
        let found: Vec<_> = check(&metadata).into_iter().map(|f| f.path).collect();
        assert_eq!(found, ["crate stranger", "crate xdr"]);
    }
}
