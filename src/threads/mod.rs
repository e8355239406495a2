//! Work side by side, where there is enough of it.

/// From how many things on two threads are worth their start.
const MANY: usize = 10_000;

/// Two pieces of work about so many things: on two threads where they are worth one, else one after the other. A panic of
/// either is that of the caller.
pub(crate) fn side_by_side<A: Send, B>(things: usize, one: impl FnOnce() -> A + Send, other: impl FnOnce() -> B) -> (A, B) {
    if things < MANY {
        return (one(), other());
    }
    std::thread::scope(|scope| {
        let one = scope.spawn(one);
        let other = other();
        (one.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)), other)
    })
}
