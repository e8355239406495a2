//! Confidence: how far sampled probabilities may be from the true ones, all of them at once.

/// The chance that any figure of an answer is outside its interval.
pub(super) const DOUBT: f64 = 0.001;

/// The confidence of all intervals together, in basis points.
pub const CONFIDENCE: u16 = 9_990;

/// How far from the truth a figure may be where nobody asks for a number of worlds.
const ERROR: f64 = 0.01;

/// The worlds after which so many figures are all within a hundredth, but for one case in a thousand.
///
/// # Source
/// Hoeffding, *Probability inequalities for sums of bounded random variables* (1963), and the union bound:
/// `n ≥ ln(2 × figures / doubt) / (2 × error²)`.
pub(super) fn worlds_for(figures: usize) -> u64 {
    (exponent(figures) / (2.0 * ERROR * ERROR)).ceil() as u64
}

/// How far from the truth the worst of so many figures may be after so many worlds.
pub(super) fn error(figures: usize, worlds: u64) -> f64 {
    f64::min((exponent(figures) / (2.0 * worlds as f64)).sqrt(), 1.0)
}

fn exponent(figures: usize) -> f64 {
    (2.0 * figures.max(1) as f64 / DOUBT).ln()
}

/// The probabilities that so many hits in so many worlds leave possible, where so many figures are to hold at once.
///
/// Every probability p with `worlds × KL(hits / worlds, p) ≤ ln(2 × figures / doubt)`. Never wider than [`error`], and much
/// narrower near 0 and 1; it holds for any number of worlds, which an interval by the normal distribution does not.
///
/// # Source
/// The relative-entropy form of the Chernoff bound: Hoeffding (1963), theorem 1, inequality (2.1).
pub(super) fn interval(hits: u64, worlds: u64, figures: usize) -> (f64, f64) {
    let (share, most) = (hits as f64 / worlds as f64, exponent(figures) / worlds as f64);
    let is_possible = |chance: f64| divergence(share, chance) <= most;
    (bisected(0.0, share, |chance| !is_possible(chance)), bisected(1.0, share, |chance| !is_possible(chance)))
}

/// The end of the interval between what is outside and what is inside, from the outside.
fn bisected(mut outside: f64, mut inside: f64, is_outside: impl Fn(f64) -> bool) -> f64 {
    if !is_outside(outside) {
        return outside;
    }
    // Far below a basis point.
    for _ in 0..30 {
        let middle = f64::midpoint(outside, inside);
        if is_outside(middle) {
            outside = middle;
        } else {
            inside = middle;
        }
    }
    outside
}

/// The relative entropy of a coin of one chance to a coin of another.
fn divergence(share: f64, chance: f64) -> f64 {
    let part = |share: f64, chance: f64| if share == 0.0 { 0.0 } else { share * (share / chance).ln() };
    part(share, chance) + part(1.0 - share, 1.0 - chance)
}
