//! A card as an HTML-like table.

use super::syntax::{Face, Html};
use crate::catalog::{BasisPoints, Layer};
use crate::report::diagram::palette::{HEAT_STEPS, Page, Role, heat};
use crate::report::diagram::picture::{Card, Frame, Mark, Row, Sign};
use crate::report::diagram::text::{MOST_ON_CARD, cut};

/// Pixels of a bar.
const BAR_WIDTH: usize = 180;

/// How text is set on a page.
pub(super) fn face(role: Role, page: Page, size: &'static str, is_bold: bool) -> Face {
    Face { size, colour: role.hex(page), is_bold }
}

/// The card as a table: head, strip or bar, and rows.
pub(super) fn table(card: &Card, page: Page) -> Html {
    let border = match card.frame {
        Frame::Plain | Frame::Rest => "1",
        _ => "2",
    };
    let mut attributes = vec![
        ("BORDER", border),
        ("COLOR", card.frame.role().hex(page)),
        ("CELLBORDER", "0"),
        ("CELLSPACING", "0"),
        ("CELLPADDING", "0"),
        ("BGCOLOR", Role::Card.hex(page)),
    ];
    if matches!(card.frame, Frame::Rest | Frame::Removed) {
        attributes.push(("STYLE", "dashed"));
    }
    let mut html = Html::new().open("TABLE", &attributes);
    html = html.open("TR", &[]).open("TD", &[]).open("TABLE", &PLAIN).open("TR", &[]);
    html = head(html, card, page).close().close().close().close();
    if let Some(strip) = &card.strip {
        html = self::strip(html, strip, page);
    }
    if let Some(bar) = &card.bar {
        html = self::bar(html, bar, page);
    }
    if !card.rows.is_empty() {
        html = html.open("TR", &[]).open("TD", &[]).open("TABLE", &PLAIN);
        for row in &card.rows {
            html = self::row(html, row, page);
        }
        html = html.close().close().close();
    }
    html.close()
}

const PLAIN: [(&str, &str); 4] = [("BORDER", "0"), ("CELLBORDER", "0"), ("CELLSPACING", "0"), ("CELLPADDING", "4")];

fn head(mut html: Html, card: &Card, page: Page) -> Html {
    let quiet = matches!(card.frame, Frame::Rest | Frame::Removed);
    let ink = if quiet { Role::Muted } else { Role::Ink };
    if let Some(sign) = &card.sign {
        let role = match (sign, card.frame) {
            (Sign::Number(_), _) => Role::Path,
            (_, Frame::Plain) => Role::Muted,
            (_, frame) => frame.role(),
        };
        html = html.cell(&sign.text(), face(role, page, "12", true), &[]);
    }
    html = html.open("TD", &[("ALIGN", "LEFT"), ("BALIGN", "LEFT")]);
    html = html.font(&cut(&card.title, MOST_ON_CARD), face(ink, page, "12", true));
    if let Some(name) = &card.name {
        html = html.single("BR").font(&cut(name, MOST_ON_CARD), face(ink, page, "9", false));
    }
    if !card.caption.is_empty() {
        html = html.single("BR").font(&cut(&card.caption, 2 * MOST_ON_CARD), face(Role::Muted, page, "9", false));
    }
    html = html.close();
    match &card.badge {
        None => html,
        Some(badge) => match badge.heat {
            Some(step) => html.cell(
                &badge.text,
                face(Role::OnHeat(step), page, "12", true),
                &[("BGCOLOR", Role::Heat(step).hex(page)), ("WIDTH", "44")],
            ),
            None => {
                let role = if card.frame == Frame::Plain { Role::Ink } else { card.frame.role() };
                html.cell(&badge.text, face(role, page, "12", true), &[("WIDTH", "44")])
            }
        },
    }
}

/// A digit per layer, physical at the left: tenths of exposure.
fn strip(html: Html, strip: &[Option<BasisPoints>; Layer::COUNT], page: Page) -> Html {
    let mut html = html.open("TR", &[]).open("TD", &[("ALIGN", "LEFT"), ("CELLPADDING", "3")]);
    html = html.open("TABLE", &[("BORDER", "0"), ("CELLBORDER", "0"), ("CELLSPACING", "1"), ("CELLPADDING", "0")]).open("TR", &[]);
    for exposure in strip {
        let sized = [("WIDTH", "12"), ("HEIGHT", "11")];
        html = match exposure {
            None => html.patch(&sized),
            Some(exposure) => {
                let step = heat(*exposure);
                let text = match exposure.0 {
                    0 => "·".to_owned(),
                    10_000.. => "✗".to_owned(),
                    value => (value / 1_000).to_string(),
                };
                let cell = [sized[0], sized[1], ("BGCOLOR", Role::Heat(step).hex(page))];
                html.cell(&text, face(Role::OnHeat(step), page, "8", false), &cell)
            }
        };
    }
    html.close().close().close().close()
}

fn bar(html: Html, bar: &[usize; HEAT_STEPS], page: Page) -> Html {
    let all: usize = bar.iter().sum();
    let mut html = html.open("TR", &[]).open("TD", &[("ALIGN", "LEFT"), ("CELLPADDING", "4")]);
    html = html.open("TABLE", &[("BORDER", "0"), ("CELLBORDER", "0"), ("CELLSPACING", "0"), ("CELLPADDING", "0")]).open("TR", &[]);
    for (step, &count) in bar.iter().enumerate().rev().filter(|&(_, &count)| count > 0) {
        let role = Role::Heat(step as u8);
        let width = (count * BAR_WIDTH / all.max(1)).max(2).to_string();
        let cell = [("WIDTH", width.as_str()), ("HEIGHT", "9"), ("FIXEDSIZE", "TRUE"), ("BGCOLOR", role.hex(page))];
        html = html.patch(&cell);
    }
    html.close().close().close().close()
}

fn row(html: Html, row: &Row, page: Page) -> Html {
    let (ink, is_gap) = match row.mark {
        Mark::Covered => (Role::Ink, false),
        Mark::Gap => (Role::Gap, true),
        Mark::Doubt => (Role::Doubt, true),
        Mark::Absent => (Role::Muted, false),
    };
    let tint = row.tint.unwrap_or(Role::Card).hex(page);
    let side = format!("{}_w", row.layer.id());
    let text = face(ink, page, "9", is_gap);
    let mark = [
        ("PORT", side.as_str()),
        ("WIDTH", "5"),
        ("HEIGHT", "15"),
        ("CELLPADDING", "0"),
        ("BGCOLOR", if is_gap { ink.hex(page) } else { tint }),
    ];
    html.open("TR", &[])
        .patch(&mark)
        .cell(row.layer.id(), text, &[("ALIGN", "LEFT"), ("CELLPADDING", "2"), ("BGCOLOR", tint)])
        .cell(&cut(&row.owner, MOST_ON_CARD), text, &[("ALIGN", "LEFT"), ("CELLPADDING", "2"), ("BGCOLOR", tint)])
        .cell(&row.status, text, &[("PORT", row.layer.id()), ("ALIGN", "RIGHT"), ("CELLPADDING", "2"), ("BGCOLOR", tint)])
        .close()
}
