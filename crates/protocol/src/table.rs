//! Joining the tables of several files at compile time.

/// Number of elements in all tables together.
pub(crate) const fn total<T>(tables: &[&[T]]) -> usize {
    let (mut total, mut t) = (0, 0);
    while t < tables.len() {
        total += tables[t].len();
        t += 1;
    }
    total
}

/// All elements of all tables; `N` is their [`total`].
pub(crate) const fn merge<T: Copy, const N: usize>(tables: &[&[T]]) -> [T; N] {
    let mut merged = [tables[0][0]; N];
    let (mut next, mut t) = (0, 0);
    while t < tables.len() {
        let mut i = 0;
        while i < tables[t].len() {
            merged[next] = tables[t][i];
            next += 1;
            i += 1;
        }
        t += 1;
    }
    merged
}
