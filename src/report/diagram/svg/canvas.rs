//! Elements of an SVG: shapes in colours of the palette, text that only ever arrives as text.

use crate::report::diagram::layout::{Piece, Point, Route};
use crate::report::diagram::palette::{Page, Role};
use crate::report::diagram::text::{Weight, shown};
use quick_xml::Writer;
use quick_xml::events::{BytesEnd, BytesStart, BytesText, Event};
use std::io;

/// The faces of all text. Widths are measured in the widest of them.
pub const FONTS: &str = "Helvetica,Arial,'DejaVu Sans',sans-serif";

/// Where a text stands in relation to its point.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

/// How a line is drawn.
#[derive(Copy, Clone, Debug, PartialEq)]
pub(super) struct Stroke {
    pub(super) role: Role,
    pub(super) width: f32,
    /// Lengths of dashes and of the gaps between them; empty for a solid line.
    pub(super) dashes: &'static str,
}

/// How a text is set.
#[derive(Copy, Clone, Debug, PartialEq)]
pub(super) struct Type {
    pub(super) role: Role,
    pub(super) size: f32,
    pub(super) weight: Weight,
    pub(super) anchor: Anchor,
    /// Whether it keeps what it stands on at a distance.
    pub(super) halo: bool,
}

/// A rectangle.
#[derive(Copy, Clone, Debug, PartialEq)]
pub(super) struct Area {
    pub(super) x: f32,
    pub(super) y: f32,
    pub(super) width: f32,
    pub(super) height: f32,
}

/// Writes elements in the colours of one page.
pub(super) struct Canvas<W: io::Write> {
    writer: Writer<W>,
    page: Page,
}

impl Stroke {
    pub(super) const fn solid(role: Role, width: f32) -> Self {
        Self { role, width, dashes: "" }
    }
}

impl Type {
    pub(super) const fn new(role: Role, size: f32) -> Self {
        Self { role, size, weight: Weight::Regular, anchor: Anchor::Start, halo: false }
    }

    #[must_use]
    pub(super) const fn bold(self) -> Self {
        Self { weight: Weight::Bold, ..self }
    }

    #[must_use]
    pub(super) const fn haloed(self) -> Self {
        Self { halo: true, ..self }
    }

    #[must_use]
    pub(super) const fn anchored(self, anchor: Anchor) -> Self {
        Self { anchor, ..self }
    }
}

/// A number with at most one decimal.
pub(super) fn number(value: f32) -> String {
    let tenths = (value * 10.0).round() as i32;
    let sign = if tenths < 0 { "-" } else { "" };
    let (whole, tenth) = (tenths.abs() / 10, tenths.abs() % 10);
    if tenth == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{tenth}") }
}

impl<W: io::Write> Canvas<W> {
    pub(super) fn new(out: W, page: Page) -> Self {
        Self { writer: Writer::new_with_indent(out, b' ', 1), page }
    }

    /// Opens an element.
    pub(super) fn open(&mut self, name: &str, attributes: &[(&str, &str)]) -> io::Result<()> {
        self.writer.write_event(Event::Start(BytesStart::new(name).with_attributes(attributes.iter().copied())))
    }

    /// Closes an element.
    pub(super) fn close(&mut self, name: &str) -> io::Result<()> {
        self.writer.write_event(Event::End(BytesEnd::new(name)))
    }

    fn empty(&mut self, name: &str, attributes: &[(&str, &str)]) -> io::Result<()> {
        self.writer.write_event(Event::Empty(BytesStart::new(name).with_attributes(attributes.iter().copied())))
    }

    /// An element of text that is not drawn: a title or a description.
    pub(super) fn told(&mut self, name: &str, text: &str) -> io::Result<()> {
        self.writer.create_element(name).write_text_content(BytesText::new(&shown(text)))?;
        Ok(())
    }

    /// Rules of CSS, from constants only.
    pub(super) fn style(&mut self, rules: &str) -> io::Result<()> {
        self.writer.create_element("style").write_text_content(BytesText::from_escaped(rules))?;
        Ok(())
    }

    /// A text on the picture. Hidden characters are made visible; nothing in it is ever markup.
    pub(super) fn text(&mut self, x: f32, y: f32, content: &str, how: Type) -> io::Result<()> {
        if content.is_empty() {
            return Ok(());
        }
        let (x, y, size) = (number(x), number(y), number(how.size));
        let mut attributes = vec![("x", x.as_str()), ("y", y.as_str()), ("font-size", size.as_str()), ("fill", how.role.hex(self.page))];
        if how.weight == Weight::Bold {
            attributes.push(("font-weight", "bold"));
        }
        match how.anchor {
            Anchor::Start => {}
            Anchor::Middle => attributes.push(("text-anchor", "middle")),
            Anchor::End => attributes.push(("text-anchor", "end")),
        }
        if how.halo {
            attributes.extend([("stroke", Role::Ground.hex(self.page)), ("stroke-width", "3"), ("paint-order", "stroke")]);
        }
        self.writer.create_element("text").with_attributes(attributes).write_text_content(BytesText::new(&shown(content)))?;
        Ok(())
    }

    /// A rectangle, filled, framed or both.
    pub(super) fn area(&mut self, area: Area, fill: Option<Role>, stroke: Option<Stroke>, round: f32) -> io::Result<()> {
        let (x, y, width, height) = (number(area.x), number(area.y), number(area.width), number(area.height));
        let mut attributes = vec![("x", x.as_str()), ("y", y.as_str()), ("width", width.as_str()), ("height", height.as_str())];
        let (round, stroke_width) = (number(round), number(stroke.map_or(0.0, |stroke| stroke.width)));
        if round != "0" {
            attributes.push(("rx", &round));
        }
        attributes.push(("fill", fill.map_or("none", |role| role.hex(self.page))));
        if let Some(stroke) = stroke {
            attributes.extend([("stroke", stroke.role.hex(self.page)), ("stroke-width", &stroke_width)]);
            if !stroke.dashes.is_empty() {
                attributes.push(("stroke-dasharray", stroke.dashes));
            }
        }
        self.empty("rect", &attributes)
    }

    /// The way of a link, with a head at its end.
    pub(super) fn route(&mut self, route: &Route, shift: Point, stroke: Stroke, head: Head) -> io::Result<()> {
        let at = |point: Point| format!("{} {}", number(point.x + shift.x), number(point.y + shift.y));
        let mut path = format!("M{}", at(route.start));
        for piece in &route.pieces {
            match piece {
                Piece::Line(end) => path.push_str(&format!("L{}", at(*end))),
                Piece::Curve(one, two, end) => path.push_str(&format!("C{} {} {}", at(*one), at(*two), at(*end))),
            }
        }
        self.line(&path, stroke)?;
        let end = route.pieces.last().map_or(route.start, Piece::end);
        self.head(Point { x: end.x + shift.x, y: end.y + shift.y }, head, stroke)
    }

    /// A path of lines and curves.
    pub(super) fn line(&mut self, path: &str, stroke: Stroke) -> io::Result<()> {
        let width = number(stroke.width);
        let mut attributes = vec![("d", path), ("fill", "none"), ("stroke", stroke.role.hex(self.page)), ("stroke-width", &width)];
        if !stroke.dashes.is_empty() {
            attributes.push(("stroke-dasharray", stroke.dashes));
        }
        self.empty("path", &attributes)
    }

    /// The head of an arrow that ends here.
    pub(super) fn head(&mut self, tip: Point, head: Head, stroke: Stroke) -> io::Result<()> {
        let length = 6.0 + 1.5 * stroke.width.min(4.0);
        let half = length * 0.45;
        let (along, across) = match head.towards {
            Towards::Right => ((-length, 0.0), (0.0, half)),
            Towards::Left => ((length, 0.0), (0.0, half)),
            Towards::Down => ((0.0, -length), (half, 0.0)),
        };
        let point = |x: f32, y: f32| format!("{} {}", number(x), number(y));
        let base = Point { x: tip.x + along.0, y: tip.y + along.1 };
        let path = format!(
            "M{}L{}L{}",
            point(base.x + across.0, base.y + across.1),
            point(tip.x, tip.y),
            point(base.x - across.0, base.y - across.1)
        );
        let colour = stroke.role.hex(self.page);
        let paper = Role::Paper.hex(self.page);
        let width = number(stroke.width.clamp(1.0, 1.5));
        match head.shape {
            Shape::Full => self.empty("path", &[("d", &format!("{path}Z")), ("fill", colour)]),
            Shape::Hollow => {
                self.empty("path", &[("d", &format!("{path}Z")), ("fill", paper), ("stroke", colour), ("stroke-width", &width)])
            }
            Shape::Open => self.empty("path", &[("d", &path), ("fill", "none"), ("stroke", colour), ("stroke-width", &width)]),
        }
    }
}

/// The head of an arrow.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) shape: Shape,
    pub(super) towards: Towards,
}

/// What a head looks like; tells families of connections apart besides the line.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    Full,
    Hollow,
    Open,
}

/// Where a head points.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) enum Towards {
    Right,
    Left,
    Down,
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn numbers_have_at_most_one_decimal_and_never_an_exponent() {
        assert_eq!([0.0, -0.04, 1.25, -3.5, 1e7, 12.0].map(number), ["0", "0", "1.3", "-3.5", "10000000", "12"]);
    }
}
