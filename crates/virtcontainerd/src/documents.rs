//! The files that are made from the tables of keys. After a change of a table, `UPDATE_EXPECT=1 cargo test -p
//! virtcontainerd` writes them anew.

use conf::options::commented;
use expect_test::expect_file;

use crate::config::Config;

/// Where the daemon's files of settings say more.
const MORE: &str = "virtcontainerd.conf(5) has the same descriptions; docs/connecting.md explains.";

#[test]
fn the_default_file_of_the_daemon() {
    let head = [
        "Settings of virtcontainerd, in libvirt's syntax: a number, a \"string\", or a list of strings in brackets.",
        "",
        "What is commented out here is the default, or an example where there is no default.",
        "After a change: systemctl restart virtcontainerd. Containers go on.",
        "",
        MORE,
    ];
    expect_file!["../../../packaging/config/virtcontainerd.conf"].assert_eq(&commented::<Config>(&head));
}

#[test]
fn the_default_file_of_the_driver() {
    let head = [
        "What an administrator decides for all containers. What is commented out here is the default.",
        "",
        MORE,
    ];
    expect_file!["../../../packaging/config/lxc.conf"].assert_eq(&commented::<lxc::Config>(&head));
}
