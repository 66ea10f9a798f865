//! The component in the real sandbox, with the rules and tests in `rules/`. Needs `tollgate` on the path, or `TOLLGATE=…`.

#[test]
fn the_rules_do_what_their_tests_say() {
    harness::test(env!("CARGO_MANIFEST_DIR"));
}
