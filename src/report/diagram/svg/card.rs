//! A card of an SVG: how much room it needs, and how it is drawn.

use super::canvas::{Anchor, Area, Canvas, Stroke, Type};
use crate::catalog::{BasisPoints, Layer};
use crate::report::diagram::layout::Point;
use crate::report::diagram::palette::{HEAT_STEPS, Role, heat};
use crate::report::diagram::picture::{Badge, Card, Frame, Mark, Row, Sign};
use crate::report::diagram::text::{MOST_ON_CARD, Weight, cut, width};
use std::io;

const PAD: f32 = 10.0;
const TITLE: f32 = 13.0;
const SMALL: f32 = 10.0;
const LINE: f32 = 14.0;
const SIGN: f32 = 20.0;
const STRIP: f32 = 16.0;
const STRIP_CELL: f32 = 13.0;
const BAR: f32 = 10.0;
const BAR_WIDTH: f32 = 190.0;
const ROW: f32 = 17.0;

/// The room that the parts of a card need.
#[derive(Copy, Clone, Debug, PartialEq)]
pub(super) struct Shape {
    pub(super) width: f32,
    pub(super) height: f32,
    head: f32,
    badge: f32,
    columns: [f32; 3],
}

impl Shape {
    /// The room that a card needs.
    pub(super) fn of(card: &Card) -> Self {
        let text = [
            width(&cut(&card.title, MOST_ON_CARD), TITLE, Weight::Bold),
            card.name.as_ref().map_or(0.0, |name| width(&cut(name, MOST_ON_CARD), SMALL, Weight::Regular)),
            width(&cut(&card.caption, 2 * MOST_ON_CARD), SMALL, Weight::Regular),
        ];
        let sign = if card.sign.is_some() { SIGN } else { 0.0 };
        let text = text.into_iter().fold(0.0, f32::max) + sign + 2.0 * PAD;
        let badge = card.badge.as_ref().map_or(0.0, |badge| (width(&badge.text, TITLE, Weight::Bold) + 14.0).max(46.0));
        let lines = 1 + usize::from(card.name.is_some()) + usize::from(!card.caption.is_empty());
        let head = 8.0 + LINE * lines as f32 + if lines == 1 { 6.0 } else { 4.0 };
        let strip = if card.strip.is_some() { STRIP + 7.0 } else { 0.0 };
        let bar = if card.bar.is_some() { BAR + 9.0 } else { 0.0 };
        let columns = row_columns(&card.rows);
        let rows = if card.rows.is_empty() { 0.0 } else { ROW * card.rows.len() as f32 + 1.0 };
        let least = if card.strip.is_some() { STRIP_CELL * Layer::COUNT as f32 + 2.0 * PAD } else { 0.0 };
        let least = if card.bar.is_some() { least.max(BAR_WIDTH + 2.0 * PAD) } else { least };
        let all_columns = if card.rows.is_empty() { 0.0 } else { columns.iter().sum::<f32>() + 16.0 };
        Self {
            width: (text + badge).max(least).max(all_columns).ceil(),
            height: head + strip + bar + rows,
            head,
            badge: badge.ceil(),
            columns,
        }
    }

    /// The middle of a layer's row, in pixels from the top of the card.
    pub(super) fn row(self, card: &Card, layer: Layer) -> Option<f32> {
        let at = card.rows.iter().position(|row| row.layer == layer)?;
        Some(self.head + ROW * at as f32 + ROW / 2.0)
    }
}

fn row_columns(rows: &[Row]) -> [f32; 3] {
    let widest = |texts: &mut dyn Iterator<Item = f32>| texts.fold(0.0, f32::max).ceil() + 12.0;
    [
        widest(&mut rows.iter().map(|row| width(row.layer.id(), SMALL, Weight::Bold))),
        widest(&mut rows.iter().map(|row| width(&cut(&row.owner, MOST_ON_CARD), SMALL, Weight::Bold))),
        widest(&mut rows.iter().map(|row| width(&row.status, SMALL, Weight::Bold))),
    ]
}

/// Draws a card with its upper left corner at a point.
pub(super) fn draw<W: io::Write>(canvas: &mut Canvas<W>, card: &Card, shape: Shape, at: Point) -> io::Result<()> {
    canvas.open("g", &[])?;
    canvas.told("title", &tooltip(card))?;
    let frame = Area { x: at.x, y: at.y, width: shape.width, height: shape.height };
    let stroke = match card.frame {
        Frame::Plain => Stroke::solid(Role::Line, 1.0),
        Frame::Rest => Stroke { role: Role::Muted, width: 1.0, dashes: "4 3" },
        Frame::Removed => Stroke { role: Role::Removed, width: 2.0, dashes: "6 4" },
        framed => Stroke::solid(framed.role(), if framed == Frame::Origin { 2.5 } else { 2.0 }),
    };
    canvas.area(frame, Some(Role::Card), None, 0.0)?;
    if let Some(badge) = &card.badge {
        let ground = Area { x: at.x + shape.width - shape.badge, y: at.y, width: shape.badge, height: shape.head };
        draw_badge(canvas, badge, ground, card.frame)?;
    }
    let left = at.x + PAD + if card.sign.is_some() { SIGN } else { 0.0 };
    if let Some(sign) = &card.sign {
        draw_sign(canvas, sign, card.frame, Point { x: at.x + PAD, y: at.y + 20.0 })?;
    }
    let quiet = matches!(card.frame, Frame::Rest | Frame::Removed);
    let ink = if quiet { Role::Muted } else { Role::Ink };
    let mut y = at.y + 20.0;
    let title = cut(&card.title, MOST_ON_CARD);
    canvas.text(left, y, &title, Type::new(ink, TITLE).bold())?;
    if card.frame == Frame::Removed {
        let end = left + width(&title, TITLE, Weight::Bold);
        canvas.line(
            &format!("M{} {}H{}", super::canvas::number(left), super::canvas::number(y - 4.5), super::canvas::number(end)),
            Stroke::solid(Role::Removed, 1.5),
        )?;
    }
    if let Some(name) = &card.name {
        y += LINE;
        canvas.text(left, y, &cut(name, MOST_ON_CARD), Type::new(ink, SMALL))?;
    }
    if !card.caption.is_empty() {
        y += LINE;
        canvas.text(left, y, &cut(&card.caption, 2 * MOST_ON_CARD), Type::new(Role::Muted, SMALL))?;
    }
    let mut y = at.y + shape.head;
    if let Some(strip) = &card.strip {
        draw_strip(canvas, strip, Point { x: at.x + PAD, y: y + 2.0 }, shape.width - 2.0 * PAD)?;
        y += STRIP + 7.0;
    }
    if let Some(bar) = &card.bar {
        draw_bar(canvas, bar, Point { x: at.x + PAD, y: y + 1.0 }, shape.width - 2.0 * PAD)?;
        y += BAR + 9.0;
    }
    for (at_row, row) in card.rows.iter().enumerate() {
        let area = Area { x: at.x, y: y + ROW * at_row as f32, width: shape.width, height: ROW };
        draw_row(canvas, row, area, shape.columns)?;
    }
    canvas.area(frame, None, Some(stroke), 0.0)?;
    canvas.close("g")
}

/// All of a card in words, for a tooltip and for readers who hear the picture.
fn tooltip(card: &Card) -> String {
    let mut words = card.sign.as_ref().map_or_else(String::new, |sign| format!("{} ", sign.text()));
    words.push_str(&card.title);
    for part in
        card.name.iter().map(String::as_str).chain([card.caption.as_str()]).chain(card.badge.iter().map(|badge| badge.text.as_str()))
    {
        if !part.is_empty() {
            words.push_str(" · ");
            words.push_str(part);
        }
    }
    words
}

fn draw_badge<W: io::Write>(canvas: &mut Canvas<W>, badge: &Badge, ground: Area, frame: Frame) -> io::Result<()> {
    let text = match badge.heat {
        Some(step) => {
            canvas.area(ground, Some(Role::Heat(step)), None, 0.0)?;
            Role::OnHeat(step)
        }
        None => frame.role(),
    };
    let text = if text == Role::Line { Role::Ink } else { text };
    let how = Type::new(text, TITLE).bold().anchored(Anchor::Middle);
    canvas.text(ground.x + ground.width / 2.0, ground.y + ground.height / 2.0 + 4.5, &badge.text, how)
}

fn draw_sign<W: io::Write>(canvas: &mut Canvas<W>, sign: &Sign, frame: Frame, at: Point) -> io::Result<()> {
    if let Sign::Number(number) = sign {
        let area = Area { x: at.x - 2.0, y: at.y - 11.5, width: 17.0, height: 15.0 };
        canvas.area(area, None, Some(Stroke::solid(Role::Path, 1.0)), 7.5)?;
        return canvas.text(at.x + 6.5, at.y, &number.to_string(), Type::new(Role::Path, SMALL).bold().anchored(Anchor::Middle));
    }
    let role = if frame == Frame::Plain { Role::Muted } else { frame.role() };
    canvas.text(at.x + 6.0, at.y, &sign.text(), Type::new(role, TITLE).bold().anchored(Anchor::Middle))
}

/// A column per layer, physical at the left: its height is the exposure, and so is its colour.
fn draw_strip<W: io::Write>(canvas: &mut Canvas<W>, strip: &[Option<BasisPoints>; Layer::COUNT], at: Point, room: f32) -> io::Result<()> {
    let cell = room / Layer::COUNT as f32;
    for (layer_ix, exposure) in strip.iter().enumerate() {
        let x = at.x + cell * layer_ix as f32;
        let Some(exposure) = exposure else { continue };
        let height = (STRIP - 3.0) * f32::from(exposure.0) / 10_000.0;
        if exposure.0 > 0 {
            let height = height.max(1.5);
            let area = Area { x, y: at.y + STRIP - 3.0 - height, width: cell - 2.0, height };
            canvas.area(area, Some(Role::Heat(heat(*exposure))), None, 0.0)?;
        }
        let ground = Area { x, y: at.y + STRIP - 3.0, width: cell - 2.0, height: 1.5 };
        canvas.area(ground, Some(Role::Line), None, 0.0)?;
    }
    Ok(())
}

/// The systems of a group by exposure, the most exposed at the left.
fn draw_bar<W: io::Write>(canvas: &mut Canvas<W>, bar: &[usize; HEAT_STEPS], at: Point, room: f32) -> io::Result<()> {
    let all: usize = bar.iter().sum();
    let mut x = at.x;
    for (step, &count) in bar.iter().enumerate().rev() {
        if count > 0 {
            let width = room * count as f32 / all.max(1) as f32;
            canvas.area(Area { x, y: at.y, width, height: BAR }, Some(Role::Heat(step as u8)), None, 0.0)?;
            x += width;
        }
    }
    let frame = Area { x: at.x, y: at.y, width: room, height: BAR };
    canvas.area(frame, None, Some(Stroke::solid(Role::GroundLine, 1.0)), 0.0)
}

fn draw_row<W: io::Write>(canvas: &mut Canvas<W>, row: &Row, area: Area, columns: [f32; 3]) -> io::Result<()> {
    if let Some(tint) = row.tint {
        canvas.area(area, Some(tint), None, 0.0)?;
    }
    let (ink, is_gap) = match row.mark {
        Mark::Covered => (Role::Ink, false),
        Mark::Gap => (Role::Gap, true),
        Mark::Doubt => (Role::Doubt, true),
        Mark::Absent => (Role::Muted, false),
    };
    let how = Type::new(ink, SMALL);
    let how = if is_gap { how.bold() } else { how };
    if is_gap {
        canvas.area(Area { width: 4.0, ..area }, Some(ink), None, 0.0)?;
    }
    let y = area.y + 12.5;
    canvas.text(area.x + 8.0, y, row.layer.id(), how)?;
    canvas.text(area.x + 8.0 + columns[0], y, &cut(&row.owner, MOST_ON_CARD), how)?;
    canvas.text(area.x + area.width - 8.0, y, &row.status, how.anchored(Anchor::End))
}
