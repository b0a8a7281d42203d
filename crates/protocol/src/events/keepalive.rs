//! Signs of life, in both directions and without a body.

events! { KEEPALIVE;
    /// Are you there?
    1 Ping {} noauth;
    /// The answer to a ping.
    2 Pong {} noauth;
}
