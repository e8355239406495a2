//! placeholder
pub fn section(_: &str) -> Option<&'static str> {
    None
}
pub fn titles() -> Vec<&'static str> {
    vec![]
}
