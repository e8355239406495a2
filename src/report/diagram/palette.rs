//! Colours by role, for a light and a dark page. Every role has a hex of its own, so that one picture can be turned
//! into the other by exchanging them.
//!
//! Chosen for colour-blind readers (tints differ in lightness, heat grows in one direction) and for a contrast of at
//! least 4.5:1 between every text and what it stands on; a test holds the contrast.

use crate::catalog::BasisPoints;

/// What a colour stands for.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// The page.
    Paper,
    /// Text.
    Ink,
    /// Text that may be overlooked.
    Muted,
    /// Connections, and the borders of cards.
    Line,
    /// Connections in the background.
    Faint,
    /// A card.
    Card,
    /// The ground of a group of cards.
    Ground,
    /// The border of a group.
    GroundLine,
    /// A layer of the customer's.
    Customer,
    /// A layer of the provider's.
    Provider,
    /// A layer that is shared, and the split written down.
    Shared,
    /// A layer that nobody owns.
    Nobody,
    /// A layer whose owner is disputed.
    Disputed,
    /// A certain gap.
    Gap,
    /// What may be a gap.
    Doubt,
    /// A witness path.
    Path,
    /// The ground of an exposure, by [`heat`].
    Heat(u8),
    /// The text on it.
    OnHeat(u8),
    /// What was added.
    Added,
    /// What was removed.
    Removed,
    /// What got better.
    Better,
    /// What got worse.
    Worse,
}

/// A page that is drawn on.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Page {
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

/// The steps of the scale of exposure: the first is 0, and step `i` ends below `HEAT_ENDS[i]`.
pub const HEAT_STEPS: usize = 6;

/// Where steps 1 to 4 of the scale end, in basis points; step 0 is 0 alone, step 5 has no end.
pub const HEAT_ENDS: [u16; 4] = [1_000, 3_000, 6_000, 8_500];

/// The step of an exposure on the scale.
pub fn heat(exposure: BasisPoints) -> u8 {
    if exposure.0 == 0 {
        return 0;
    }
    1 + HEAT_ENDS.iter().filter(|&&end| exposure.0 >= end).count() as u8
}

impl Role {
    /// Every role once.
    pub fn all() -> impl Iterator<Item = Self> {
        let plain = [
            Self::Paper,
            Self::Ink,
            Self::Muted,
            Self::Line,
            Self::Faint,
            Self::Card,
            Self::Ground,
            Self::GroundLine,
            Self::Customer,
            Self::Provider,
            Self::Shared,
            Self::Nobody,
            Self::Disputed,
            Self::Gap,
            Self::Doubt,
            Self::Path,
            Self::Added,
            Self::Removed,
            Self::Better,
            Self::Worse,
        ];
        let steps = 0..HEAT_STEPS as u8;
        plain.into_iter().chain(steps.clone().map(Self::Heat)).chain(steps.map(Self::OnHeat))
    }

    /// The colour of the role on a page, as `#rrggbb`.
    pub fn hex(self, page: Page) -> &'static str {
        let (light, dark) = self.pair();
        match page {
            Page::Light => light,
            Page::Dark => dark,
        }
    }

    fn pair(self) -> (&'static str, &'static str) {
        match self {
            Self::Paper => ("#fefefe", "#0d1117"),
            Self::Ink => ("#1f2329", "#e6edf3"),
            Self::Muted => ("#59636e", "#9aa5b1"),
            Self::Line => ("#7d8791", "#7b848e"),
            Self::Faint => ("#c3cbd4", "#3d444d"),
            Self::Card => ("#ffffff", "#161b22"),
            Self::Ground => ("#f6f8f9", "#10151b"),
            Self::GroundLine => ("#d3dae1", "#30363d"),
            Self::Customer => ("#bcdaf3", "#0d3656"),
            Self::Provider => ("#e2f5ea", "#0c2c22"),
            Self::Shared => ("#d9bddc", "#62386c"),
            Self::Nobody => ("#fffffd", "#161b23"),
            Self::Disputed => ("#ffd5bd", "#6b3210"),
            Self::Gap => ("#8a2c00", "#ffb07f"),
            Self::Doubt => ("#5f3f00", "#f0c95c"),
            Self::Path => ("#c24401", "#ff9458"),
            Self::Heat(0) => ("#eef1f4", "#20262d"),
            Self::Heat(1) => ("#fff0bf", "#463800"),
            Self::Heat(2) => ("#fdc65a", "#805300"),
            Self::Heat(3) => ("#ec7a1c", "#c96d14"),
            Self::Heat(4) => ("#ad3800", "#ff9f55"),
            Self::Heat(_) => ("#701300", "#ffe2cc"),
            Self::OnHeat(0) => ("#59636f", "#9aa5b2"),
            Self::OnHeat(1) => ("#1f2328", "#f3e6c0"),
            Self::OnHeat(2) => ("#1f2327", "#fffffe"),
            Self::OnHeat(3) => ("#1f2326", "#160b00"),
            Self::OnHeat(4) => ("#fffffb", "#200d00"),
            Self::OnHeat(_) => ("#fffffc", "#2a0f00"),
            Self::Added => ("#0067a3", "#6cb6ff"),
            Self::Removed => ("#636c76", "#8b949e"),
            Self::Better => ("#00755a", "#46d1a5"),
            Self::Worse => ("#c24402", "#ff9459"),
        }
    }
}

/// Rules of CSS that turn a picture drawn for a light page into one for a dark page where the reader prefers that.
///
/// Works on presentation attributes, so that it fits every writer of SVG that prints colours as six digits.
pub fn dark_rules() -> String {
    let mut rules = String::from("@media(prefers-color-scheme:dark){");
    for role in Role::all() {
        let (light, dark) = (role.hex(Page::Light), role.hex(Page::Dark));
        rules.push_str(&format!("[fill=\"{light}\"]{{fill:{dark}}}[stroke=\"{light}\"]{{stroke:{dark}}}"));
    }
    rules.push('}');
    rules
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn luminance(hex: &str) -> f64 {
        let channel = |at: usize| {
            let value = f64::from(u8::from_str_radix(&hex[at..at + 2], 16).expect("two hex digits")) / 255.0;
            if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
    }

    /// The contrast of two colours, 1 to 21: Web Content Accessibility Guidelines 2.2, section 1.4.3.
    fn contrast(one: &str, other: &str) -> f64 {
        let (one, other) = (luminance(one), luminance(other));
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    #[test]
    fn every_text_stands_out_from_what_it_stands_on() {
        let grounds = [Role::Paper, Role::Card, Role::Ground];
        let tints = [Role::Customer, Role::Provider, Role::Shared, Role::Nobody, Role::Disputed];
        let signs = [Role::Ink, Role::Muted, Role::Gap, Role::Path, Role::Added, Role::Removed, Role::Better, Role::Worse];
        let mut pairs: Vec<(Role, Role)> = grounds.iter().flat_map(|&ground| signs.map(|sign| (sign, ground))).collect();
        pairs.extend(tints.iter().flat_map(|&tint| [Role::Ink, Role::Gap, Role::Doubt].map(|sign| (sign, tint))));
        pairs.extend((0..HEAT_STEPS as u8).map(|step| (Role::OnHeat(step), Role::Heat(step))));
        for page in [Page::Light, Page::Dark] {
            for (text, ground) in &pairs {
                let contrast = contrast(text.hex(page), ground.hex(page));
                assert!(contrast >= 4.5, "{text:?} on {ground:?}, {page:?}: {contrast:.2}");
            }
        }
    }

    #[test]
    fn every_role_has_a_colour_of_its_own_on_the_light_page() {
        let colours: BTreeSet<&str> = Role::all().map(|role| role.hex(Page::Light)).collect();
        assert_eq!(colours.len(), Role::all().count());
    }

    #[test]
    fn heat_grows_in_lightness_in_one_direction() {
        for page in [Page::Light, Page::Dark] {
            let steps: Vec<f64> = (1..HEAT_STEPS as u8).map(|step| luminance(Role::Heat(step).hex(page))).collect();
            let is_ordered = steps.windows(2).all(|pair| if page == Page::Light { pair[0] > pair[1] } else { pair[0] < pair[1] });
            assert!(is_ordered, "{page:?}: {steps:?}");
        }
    }

    #[test]
    fn the_scale_has_its_steps_where_the_legend_says() {
        let steps: Vec<u8> =
            [0, 1, 999, 1_000, 2_999, 3_000, 5_999, 6_000, 8_499, 8_500, 10_000].map(|value| heat(BasisPoints(value))).to_vec();
        assert_eq!(steps, [0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5]);
    }
}
