//! xdr.
