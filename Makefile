# `make demo` shows the daemon at work, `make test` tests everything; both install what they need first.
# `make && sudo make install` is for real use.

PREFIX     ?= /usr/local
SYSCONFDIR ?= /etc
UNITDIR    ?= $(PREFIX)/lib/systemd/system
DESTDIR    ?=

SBINDIR    := $(PREFIX)/sbin
LIBEXECDIR := $(PREFIX)/libexec
SCHEMADIR  := $(PREFIX)/share/virtcontainerd/schemas
DOCDIR     := $(PREFIX)/share/doc/virtcontainerd

CARGO_TARGET_DIR ?= $(CURDIR)/target
export CARGO_TARGET_DIR
export PATH := $(if $(CARGO_HOME),$(CARGO_HOME),$(HOME)/.cargo)/bin:$(PATH)

RELEASE := $(CARGO_TARGET_DIR)/release
UNITS   := virtcontainerd.service virtcontainerd.socket virtcontainerd-ro.socket virtcontainerd-admin.socket

.PHONY: build demo test bench fmt lint install uninstall clean

build:
	tests/setup build
	cargo build --locked --release -p virtcontainerd -p monitor -p leaseshelper

demo:
	tests/setup demo
	tests/demo

test:
	tests/setup test
	tests/run

# Ours and the incumbent in alternation, in one run.  `make bench ARGS=...` passes ARGS on.
bench:
	tests/setup test
	cargo build --locked --release -p virtcontainerd -p monitor -p leaseshelper
	VIRTCONTAINERD_BIN_DIR=$(abspath $(RELEASE)) cargo run --locked --release -p bench -- $(ARGS)

fmt:
	cargo fmt --all

lint:
	cargo fmt --all --check
	cargo clippy --locked --workspace --all-targets -- -D warnings
	cargo test --quiet --locked -p tidy

# Builds nothing, so that it can run as root after a build as oneself.
install:
	@test -x $(RELEASE)/virtcontainerd && test -x $(RELEASE)/virtcontainer-monitor || \
		{ echo "make install: run 'make build' first" >&2; exit 1; }
	install -d $(DESTDIR)$(SBINDIR) $(DESTDIR)$(LIBEXECDIR)/virtcontainerd $(DESTDIR)$(UNITDIR) \
		$(DESTDIR)$(SCHEMADIR) $(DESTDIR)$(DOCDIR) $(DESTDIR)$(SYSCONFDIR)/libvirt/lxc/autostart
	install -m 755 $(RELEASE)/virtcontainerd $(DESTDIR)$(SBINDIR)/
	install -m 755 $(RELEASE)/virtcontainer-monitor $(RELEASE)/virtcontainer-leaseshelper $(DESTDIR)$(LIBEXECDIR)/
	ln -sf ../virtcontainer-monitor $(DESTDIR)$(LIBEXECDIR)/virtcontainerd/virtcontainer-monitor
	for unit in $(UNITS); do \
		sed 's|@sbindir@|$(SBINDIR)|g' packaging/systemd/$$unit > $(DESTDIR)$(UNITDIR)/$$unit && \
		chmod 644 $(DESTDIR)$(UNITDIR)/$$unit || exit 1; \
	done
	install -d $(DESTDIR)$(PREFIX)/lib/udev/rules.d $(DESTDIR)$(PREFIX)/lib/systemd/network \
		$(DESTDIR)$(PREFIX)/lib/NetworkManager/conf.d
	install -m 644 packaging/network/90-virtcontainerd.rules $(DESTDIR)$(PREFIX)/lib/udev/rules.d/
	install -m 644 packaging/network/10-virtcontainerd.network $(DESTDIR)$(PREFIX)/lib/systemd/network/
	install -m 644 packaging/network/virtcontainerd-unmanaged.conf $(DESTDIR)$(PREFIX)/lib/NetworkManager/conf.d/
	find xml-schemas -maxdepth 1 -name '*.rng' -exec install -m 644 -t $(DESTDIR)$(SCHEMADIR) {} +
	install -m 644 README.md CHANGELOG.md LICENSE-MIT LICENSE-APACHE $(DESTDIR)$(DOCDIR)/

# Leaves definitions, logs and running containers alone.
uninstall:
	rm -f $(DESTDIR)$(SBINDIR)/virtcontainerd $(DESTDIR)$(LIBEXECDIR)/virtcontainer-monitor \
		$(DESTDIR)$(LIBEXECDIR)/virtcontainer-leaseshelper \
		$(DESTDIR)$(PREFIX)/lib/udev/rules.d/90-virtcontainerd.rules \
		$(DESTDIR)$(PREFIX)/lib/systemd/network/10-virtcontainerd.network \
		$(DESTDIR)$(PREFIX)/lib/NetworkManager/conf.d/virtcontainerd-unmanaged.conf
	rm -f $(addprefix $(DESTDIR)$(UNITDIR)/,$(UNITS))
	rm -rf $(DESTDIR)$(LIBEXECDIR)/virtcontainerd $(DESTDIR)$(PREFIX)/share/virtcontainerd $(DESTDIR)$(DOCDIR)

clean:
	cargo clean
