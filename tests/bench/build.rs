//! Builds the containers' init: static, as a container's root has no libraries.

use std::env;
use std::path::PathBuf;
use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=init/stamp.rs");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it")).join("stamp");
    let rustc = env::var_os("RUSTC").expect("cargo sets it");
    let target = env::var("TARGET").expect("cargo sets it");
    #[expect(clippy::disallowed_methods, reason = "a build script runs in cargo's environment")]
    let mut command = Command::new(rustc);
    command.args(["--edition=2024", "--target", &target, "-Ctarget-feature=+crt-static"]);
    command.args(["-Cpanic=abort", "-Copt-level=s", "-Cstrip=symbols", "init/stamp.rs", "-o"]).arg(&out);
    let status = command.status().expect("rustc runs, it compiles us");
    assert!(status.success(), "the init of the benchmark does not build");
}
