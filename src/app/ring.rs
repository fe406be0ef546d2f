//! Moving round and round through a list.

/// Returns `at` moved by `by` in a ring of `len` places.
pub(super) fn around(at: usize, by: isize, len: usize) -> usize {
    (at + len).saturating_add_signed(by) % len
}
