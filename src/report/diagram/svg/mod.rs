//! A picture as SVG, drawn by this program: no other is needed.

mod canvas;
mod card;

use super::layout::{self, Edge, Item, Layout, Piece, Point, Route};
use super::legend;
use super::palette::{Page, Role, dark_rules};
use super::picture::{Card, Family, Flow, Key, Link, Meaning, Picture, Tone};
use super::text::{Weight, cut, width, wrap};
pub use canvas::FONTS;
use canvas::{Anchor, Area, Canvas, Head, Stroke, Towards, Type, number};
use std::io;

/// For which page a picture is drawn.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Theme {
    /// For the reader's: light, and dark where the reader prefers that.
    Auto,
    /// For one page.
    Only(Page),
}

const MARGIN: f32 = 24.0;
const LABEL: f32 = 10.0;
/// The room between the labels of two links that enter one card.
const LABEL_LINE: f32 = 16.0;
/// The room around the cards of a group, and above them for its title.
const GROUND: f32 = 14.0;
const GROUND_TITLE: f32 = 26.0;
/// Text that stands alone is no wider than this.
const COLUMN: f32 = 900.0;

/// Writes a picture.
///
/// The same picture gives the same bytes.
///
/// # Errors
/// What the writer refuses.
pub fn write(picture: &Picture, theme: Theme, out: impl io::Write) -> io::Result<()> {
    let page = match theme {
        Theme::Auto => Page::Light,
        Theme::Only(page) => page,
    };
    let mut shapes: Vec<card::Shape> = picture.cards.iter().map(card::Shape::of).collect();
    align(picture, &mut shapes);
    let layout = arrange(picture, &shapes);
    let legend = Legend::of(&picture.legend);
    let grounds = grounds(picture, &shapes, &layout);
    let (over, above) = overhang(&grounds);
    let title = width(&picture.question, 17.0, Weight::Bold);
    let body = over + grounds.iter().map(|(_, area)| area.x + area.width).fold(layout.size.x, f32::max);
    let room = body.max(title).max(legend.width).max(660.0).min(body.max(COLUMN));
    let answer = wrap(&picture.answer, 12.0, room);
    let notes: Vec<(String, Role)> = picture
        .notes
        .iter()
        .map(|note| (note, Role::Ink))
        .chain([(&picture.basis, Role::Muted)])
        .flat_map(|(note, role)| wrap(note, 11.0, room).into_iter().map(move |line| (line, role)))
        .collect();
    let top = MARGIN + 20.0 + 16.0 * answer.len() as f32 + 18.0 + above;
    let below = grounds.iter().map(|(_, area)| area.y + area.height).fold(layout.size.y, f32::max);
    let notes_top = top + below + 26.0;
    let legend_top = notes_top + if notes.is_empty() { 0.0 } else { 16.0 * notes.len() as f32 + 10.0 };
    let size = Point { x: room + 2.0 * MARGIN, y: legend_top + legend.height + MARGIN - 6.0 };

    let mut canvas = Canvas::new(out, page);
    let (wide, high) = (number(size.x.ceil()), number(size.y.ceil()));
    canvas.open(
        "svg",
        &[
            ("xmlns", "http://www.w3.org/2000/svg"),
            ("width", &wide),
            ("height", &high),
            ("viewBox", &format!("0 0 {wide} {high}")),
            ("font-family", FONTS),
            ("role", "img"),
        ],
    )?;
    canvas.told("title", &picture.question)?;
    canvas.told("desc", &picture.answer)?;
    if theme == Theme::Auto {
        canvas.style(&dark_rules())?;
    }
    canvas.area(Area { x: 0.0, y: 0.0, width: size.x.ceil(), height: size.y.ceil() }, Some(Role::Paper), None, 0.0)?;
    canvas.text(MARGIN, MARGIN + 12.0, &picture.question, Type::new(Role::Ink, 17.0).bold())?;
    for (line_ix, line) in answer.iter().enumerate() {
        canvas.text(MARGIN, MARGIN + 32.0 + 16.0 * line_ix as f32, line, Type::new(Role::Muted, 12.0))?;
    }
    let shift = Point { x: MARGIN + over, y: top };
    for (title, area) in &grounds {
        let area = Area { x: area.x + shift.x, y: area.y + shift.y, ..*area };
        canvas.area(area, Some(Role::Ground), Some(Stroke::solid(Role::GroundLine, 1.0)), 6.0)?;
        canvas.text(area.x + GROUND, area.y + 17.0, &cut(title, 40), Type::new(Role::Muted, 11.0).bold())?;
    }
    // Witness paths are drawn last, over what is only there.
    let is_witness = |link: &Link| matches!(link.tone, Tone::Path(_));
    for (link, route) in picture.links.iter().zip(&layout.routes).filter(|(link, _)| !is_witness(link)) {
        draw_link(&mut canvas, link, route, shift, picture.flow)?;
    }
    for (link, route) in picture.links.iter().zip(&layout.routes).filter(|(link, _)| is_witness(link)) {
        draw_link(&mut canvas, link, route, shift, picture.flow)?;
    }
    for ((card, shape), at) in picture.cards.iter().zip(&shapes).zip(&layout.items) {
        card::draw(&mut canvas, card, *shape, Point { x: at.x + shift.x, y: at.y + shift.y })?;
    }
    for (link, route) in picture.links.iter().zip(&layout.routes) {
        draw_label(&mut canvas, link, route, shift, picture.flow)?;
    }
    for (line_ix, (line, role)) in notes.iter().enumerate() {
        canvas.text(MARGIN, notes_top + 16.0 * line_ix as f32, line, Type::new(*role, 11.0))?;
    }
    legend.draw(&mut canvas, Point { x: MARGIN, y: legend_top })?;
    canvas.close("svg")
}

/// Gives cards that stand in one column one width, and room for the labels of all links that enter them.
fn align(picture: &Picture, shapes: &mut [card::Shape]) {
    let mut labels = vec![0_usize; shapes.len()];
    for link in picture.links.iter().filter(|link| !link.label.is_empty() && link.to_row.is_none()) {
        labels[link.to] += 1;
    }
    if picture.flow == Flow::Right {
        for (shape, labels) in shapes.iter_mut().zip(labels) {
            shape.height = shape.height.max(LABEL_LINE * (labels + 1) as f32);
        }
    }
    let columns = card_columns(picture);
    let mut widest = vec![0.0_f32; columns.iter().map(|column| column + 1).max().unwrap_or(0)];
    for (shape, &column) in shapes.iter().zip(&columns) {
        widest[column] = widest[column].max(shape.width);
    }
    for (shape, &column) in shapes.iter_mut().zip(&columns) {
        shape.width = widest[column];
    }
}

/// The column of every card: that of its group where the group's place means something, else as its links ask for.
fn card_columns(picture: &Picture) -> Vec<usize> {
    if picture.flow == Flow::Down {
        return vec![0; picture.cards.len()];
    }
    let pairs: Vec<(usize, usize)> = picture.links.iter().map(|link| (link.from, link.to)).collect();
    let by_links = layout::columns(picture.cards.len(), &pairs);
    let stands = |card: &Card| card.group.filter(|&group| picture.groups[group].meaning == Meaning::Distance);
    picture.cards.iter().zip(by_links).map(|(card, by_links)| stands(card).unwrap_or(by_links)).collect()
}

/// Where cards and links stand.
fn arrange(picture: &Picture, shapes: &[card::Shape]) -> Layout {
    if picture.flow == Flow::Down {
        return ladder(picture, shapes);
    }
    let items: Vec<Item> =
        shapes.iter().zip(card_columns(picture)).map(|(shape, column)| Item { width: shape.width, height: shape.height, column }).collect();
    let edges: Vec<Edge> = picture
        .links
        .iter()
        .map(|link| Edge {
            from: link.from,
            to: link.to,
            from_port: link.from_row.and_then(|layer| shapes[link.from].row(&picture.cards[link.from], layer)),
            to_port: link.to_row.and_then(|layer| shapes[link.to].row(&picture.cards[link.to], layer)),
            label: if link.label.is_empty() { 0.0 } else { width(&link.label, LABEL, Weight::Bold) },
        })
        .collect();
    layout::place(&items, &edges)
}

/// One card below the other, links between neighbours, their words beside them.
fn ladder(picture: &Picture, shapes: &[card::Shape]) -> Layout {
    let widest = shapes.iter().map(|shape| shape.width).fold(0.0, f32::max);
    let (mut items, mut routes) = (Vec::new(), Vec::new());
    let (mut y, mut right) = (0.0, widest);
    for (card_ix, shape) in shapes.iter().enumerate() {
        items.push(Point { x: 0.0, y });
        y += shape.height;
        if let Some(link) = picture.links.get(card_ix) {
            let lines = 1 + link.detail.len();
            let room = 15.0 * lines as f32 + 14.0;
            let x = 30.0;
            let (start, end) = (Point { x, y }, Point { x, y: y + room });
            routes.push(Route { start, pieces: vec![Piece::Line(end)], label_end: Point { x: x + 16.0, y: y + 19.0 } });
            let texts = link.detail.iter().map(|line| width(line, LABEL, Weight::Regular));
            right = texts.fold(right.max(x + 16.0 + width(&link.label, LABEL, Weight::Bold)), |right, text| right.max(x + 16.0 + text));
            y += room;
        }
    }
    Layout { items, routes, columns: vec![(0.0, widest)], size: Point { x: right, y } }
}

/// The boxes around the groups whose place means something.
fn grounds(picture: &Picture, shapes: &[card::Shape], layout: &Layout) -> Vec<(String, Area)> {
    let grouped = picture.groups.iter().enumerate().filter(|(_, group)| group.meaning == Meaning::Distance);
    grouped
        .filter_map(|(group_ix, group)| {
            let cards: Vec<Area> = picture
                .cards
                .iter()
                .zip(shapes)
                .zip(&layout.items)
                .filter(|((card, _), _)| card.group == Some(group_ix))
                .map(|((_, shape), at)| Area { x: at.x, y: at.y, width: shape.width, height: shape.height })
                .collect();
            let left = cards.iter().map(|area| area.x).reduce(f32::min)?;
            let top = cards.iter().map(|area| area.y).reduce(f32::min)?;
            let right = cards.iter().map(|area| area.x + area.width).reduce(f32::max)?;
            let bottom = cards.iter().map(|area| area.y + area.height).reduce(f32::max)?;
            let room = width(&group.title, 11.0, Weight::Bold) + 2.0 * GROUND;
            let area = Area {
                x: left - GROUND,
                y: top - GROUND_TITLE,
                width: (right - left + 2.0 * GROUND).max(room),
                height: bottom - top + GROUND_TITLE + GROUND,
            };
            Some((group.title.clone(), area))
        })
        .collect()
}

/// How far the boxes reach beyond the cards, to the left and above.
fn overhang(grounds: &[(String, Area)]) -> (f32, f32) {
    let left = grounds.iter().map(|(_, area)| -area.x).fold(0.0, f32::max);
    let above = grounds.iter().map(|(_, area)| -area.y).fold(0.0, f32::max);
    (left, above)
}

/// How the lines of a family are drawn.
fn stroke_of(family: Option<Family>, role: Role) -> (Stroke, canvas::Shape) {
    match family {
        None => (Stroke::solid(role, 1.6), canvas::Shape::Full),
        Some(Family::Network) => (Stroke::solid(role, 1.2), canvas::Shape::Full),
        Some(Family::Data) => (Stroke::solid(role, 2.8), canvas::Shape::Full),
        Some(Family::Identity) => (Stroke { role, width: 1.4, dashes: "7 4" }, canvas::Shape::Hollow),
        Some(Family::Delivery) => (Stroke { role, width: 1.8, dashes: "2 4" }, canvas::Shape::Open),
        Some(Family::Control) => (Stroke { role, width: 1.4, dashes: "9 3 2 3" }, canvas::Shape::Open),
        Some(Family::Hosting) => (Stroke::solid(role, 4.5), canvas::Shape::Full),
    }
}

fn draw_link<W: io::Write>(canvas: &mut Canvas<W>, link: &Link, route: &Route, shift: Point, flow: Flow) -> io::Result<()> {
    let (mut stroke, shape) = stroke_of(link.kind.map(Family::of), link.tone.role());
    match link.tone {
        Tone::Path(exposure) => stroke.width = stroke.width.max(0.8 + 2.4 * f32::from(exposure.0) / 10_000.0),
        Tone::Removed => stroke.dashes = "3 5",
        Tone::Added => stroke.width = stroke.width.max(2.4),
        Tone::Plain => {}
    }
    let towards = if flow == Flow::Down { Towards::Down } else { Towards::Right };
    canvas.route(route, shift, stroke, Head { shape, towards })?;
    if link.both_ways {
        let start = Point { x: route.start.x + shift.x, y: route.start.y + shift.y };
        canvas.head(start, Head { shape, towards: Towards::Left }, stroke)?;
    }
    Ok(())
}

fn draw_label<W: io::Write>(canvas: &mut Canvas<W>, link: &Link, route: &Route, shift: Point, flow: Flow) -> io::Result<()> {
    let at = Point { x: route.label_end.x + shift.x, y: route.label_end.y + shift.y };
    let role = if link.tone == Tone::Plain { Role::Muted } else { link.tone.role() };
    let how = Type::new(role, LABEL).bold();
    if flow == Flow::Right {
        return canvas.text(at.x, at.y, &link.label, how.anchored(Anchor::End).haloed());
    }
    canvas.text(at.x, at.y, &link.label, how)?;
    for (line_ix, line) in link.detail.iter().enumerate() {
        canvas.text(at.x, at.y + 15.0 * (line_ix + 1) as f32, line, Type::new(Role::Muted, LABEL))?;
    }
    Ok(())
}

/// The legend: a line per key.
struct Legend<'p> {
    keys: Vec<&'p Key>,
    width: f32,
    height: f32,
}

const LEGEND_LINE: f32 = 22.0;
const LEGEND_LEFT: f32 = 70.0;

impl<'p> Legend<'p> {
    fn of(keys: &'p [Key]) -> Self {
        let height = |key: &Key| match key {
            Key::Rows => 2.0 * LEGEND_LINE,
            Key::Strip => LEGEND_LINE + 14.0,
            Key::Heat | Key::Bar | Key::Changes | Key::Lines(_) => LEGEND_LINE,
        };
        let width = keys.iter().copied().map(Self::width_of).fold(0.0, f32::max);
        Self { keys: keys.iter().collect(), width, height: keys.iter().map(height).sum() }
    }

    fn width_of(key: Key) -> f32 {
        match key {
            Key::Lines(used) => {
                let used = Family::ALL.iter().zip(used).filter(|(_, used)| *used);
                LEGEND_LEFT + used.map(|(family, _)| 54.0 + width(family.verbs(), 10.0, Weight::Regular)).sum::<f32>()
            }
            Key::Changes => LEGEND_LEFT + 460.0,
            Key::Strip => LEGEND_LEFT + width(legend::STRIP[0], 10.0, Weight::Regular),
            Key::Heat | Key::Bar | Key::Rows => LEGEND_LEFT + 420.0,
        }
    }

    fn draw<W: io::Write>(&self, canvas: &mut Canvas<W>, at: Point) -> io::Result<()> {
        let mut y = at.y;
        for key in &self.keys {
            let (title, left) = (at.x, at.x + LEGEND_LEFT);
            let heading = Type::new(Role::Muted, 10.0).bold();
            match key {
                Key::Heat => {
                    canvas.text(title, y + 11.0, "exposure", heading)?;
                    for (step, label) in legend::HEAT.iter().enumerate() {
                        let area = Area { x: left + 58.0 * step as f32, y: y - 2.0, width: 56.0, height: 17.0 };
                        canvas.area(area, Some(Role::Heat(step as u8)), Some(Stroke::solid(Role::GroundLine, 1.0)), 0.0)?;
                        let how = Type::new(Role::OnHeat(step as u8), 10.0).anchored(Anchor::Middle);
                        canvas.text(area.x + 28.0, y + 10.5, label, how)?;
                    }
                }
                Key::Strip => {
                    canvas.text(title, y + 11.0, "columns", heading)?;
                    for words in legend::STRIP {
                        canvas.text(left, y + 11.0, words, Type::new(Role::Muted, 10.0))?;
                        y += 14.0;
                    }
                    y -= 14.0;
                }
                Key::Bar => {
                    canvas.text(title, y + 11.0, "bar", heading)?;
                    canvas.text(left, y + 11.0, legend::BAR, Type::new(Role::Muted, 10.0))?;
                }
                Key::Rows => {
                    canvas.text(title, y + 11.0, "owner", heading)?;
                    let mut x = left;
                    for (tint, word) in legend::OWNERS {
                        let area = Area { x, y: y - 2.0, width: width(word, 10.0, Weight::Regular) + 16.0, height: 17.0 };
                        canvas.area(area, Some(tint), Some(Stroke::solid(Role::GroundLine, 1.0)), 0.0)?;
                        canvas.text(x + 8.0, y + 10.5, word, Type::new(Role::Ink, 10.0))?;
                        x += area.width + 4.0;
                    }
                    y += LEGEND_LINE;
                    canvas.text(title, y + 11.0, "layer", heading)?;
                    let mut x = left;
                    for (mark, role, words) in legend::MARKS {
                        canvas.text(x, y + 11.0, mark.sign(), Type::new(role, 11.0).bold())?;
                        canvas.text(x + 13.0, y + 11.0, words, Type::new(Role::Muted, 10.0))?;
                        x += 13.0 + width(words, 10.0, Weight::Regular) + 16.0;
                    }
                }
                Key::Changes => {
                    canvas.text(title, y + 11.0, "change", heading)?;
                    let mut x = left;
                    for (sign, role, words) in legend::CHANGES {
                        canvas.text(x, y + 11.0, sign, Type::new(role, 11.0).bold())?;
                        canvas.text(x + 14.0, y + 11.0, words, Type::new(Role::Muted, 10.0))?;
                        x += 14.0 + width(words, 10.0, Weight::Regular) + 16.0;
                    }
                }
                Key::Lines(used) => {
                    canvas.text(title, y + 11.0, "line", heading)?;
                    let mut x = left;
                    for (family, _) in Family::ALL.iter().zip(used).filter(|(_, used)| **used) {
                        let (stroke, shape) = stroke_of(Some(*family), Role::Line);
                        let path = format!("M{} {}H{}", number(x), number(y + 7.0), number(x + 28.0));
                        canvas.line(&path, stroke)?;
                        canvas.head(Point { x: x + 32.0, y: y + 7.0 }, Head { shape, towards: Towards::Right }, stroke)?;
                        canvas.text(x + 38.0, y + 11.0, family.verbs(), Type::new(Role::Muted, 10.0))?;
                        x += 54.0 + width(family.verbs(), 10.0, Weight::Regular);
                    }
                }
            }
            y += LEGEND_LINE;
        }
        Ok(())
    }
}
