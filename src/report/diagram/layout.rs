//! Where things stand: cards in columns, links as curves between them that cross no card.
//!
//! # Source
//! The layered method of Sugiyama, Tagawa and Toda, *Methods for visual understanding of hierarchical system
//! structures* (1981): columns, order by barycentres, positions. Positions are least squares under a fixed order
//! (pool adjacent violators: Barlow et al., *Statistical inference under order restrictions*, 1972).

/// The room between two cards of a column.
const CARD_GAP: f32 = 16.0;
/// The room between two links that pass a column, and to the cards beside them.
const PASS_GAP: f32 = 12.0;
/// The least room between two columns.
const COLUMN_GAP: f32 = 64.0;
/// The room between two links that run beside each other on their way back.
const LANE: f32 = 7.0;
/// The radius of a corner.
const CORNER: f32 = 6.0;
/// Pixels that a port is divided by to order links of one card without leaving the card's rank.
const PORT_SCALE: f32 = 1_000.0;
/// Rounds of ordering and of positioning.
const ROUNDS: usize = 12;

/// Something with a size that stands in a column.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct Item {
    /// Its width in pixels.
    pub width: f32,
    /// Its height in pixels.
    pub height: f32,
    /// Its column, from 0.
    pub column: usize,
}

/// A link between two items.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct Edge {
    /// The item that it leaves.
    pub from: usize,
    /// The item that it enters.
    pub to: usize,
    /// Where it leaves, in pixels from the top of the item; none: spread over the side.
    pub from_port: Option<f32>,
    /// Where it enters.
    pub to_port: Option<f32>,
    /// The width of its label in pixels; 0 without one.
    pub label: f32,
}

/// A point in pixels, from the upper left corner.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct Point {
    /// To the right.
    pub x: f32,
    /// Down.
    pub y: f32,
}

/// A piece of a curve; each begins where the one before ended.
#[derive(Copy, Clone, Debug, PartialEq)]
pub enum Piece {
    /// A straight line.
    Line(Point),
    /// A cubic Bézier curve: two control points and the end.
    Curve(Point, Point, Point),
}

/// The way of a link.
#[derive(Clone, Debug, PartialEq)]
pub struct Route {
    /// Where it starts.
    pub start: Point,
    /// Its pieces.
    pub pieces: Vec<Piece>,
    /// The end of its label's base line, just before the link enters its item.
    pub label_end: Point,
}

/// Where everything stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Layout {
    /// The upper left corner of every item.
    pub items: Vec<Point>,
    /// The way of every link.
    pub routes: Vec<Route>,
    /// Left edge and width of every column.
    pub columns: Vec<(f32, f32)>,
    /// The size of the whole.
    pub size: Point,
}

/// A column for every item such that links go to later columns where they can.
///
/// Links that close a circle go backwards; which ones does not depend on anything but the order of items and links.
pub fn columns(count: usize, edges: &[(usize, usize)]) -> Vec<usize> {
    let mut leaving: Vec<Vec<usize>> = vec![Vec::new(); count];
    let mut entering = vec![0_usize; count];
    for &(from, to) in edges.iter().filter(|(from, to)| from != to) {
        leaving[from].push(to);
        entering[to] += 1;
    }
    // Depth first from what nothing enters; a link to an item that is still open would close a circle.
    let mut starts: Vec<usize> = (0..count).collect();
    starts.sort_by_key(|&item| (entering[item] != 0, entering[item].saturating_sub(leaving[item].len()), item));
    let mut state = vec![0_u8; count];
    let mut finished = Vec::with_capacity(count);
    let mut forward: Vec<Vec<usize>> = vec![Vec::new(); count];
    for start in starts {
        if state[start] != 0 {
            continue;
        }
        state[start] = 1;
        let mut open = vec![(start, 0)];
        while let Some((item, next)) = open.last_mut() {
            if let Some(&to) = leaving[*item].get(*next) {
                *next += 1;
                if state[to] != 1 {
                    forward[*item].push(to);
                }
                if state[to] == 0 {
                    state[to] = 1;
                    open.push((to, 0));
                }
            } else {
                state[*item] = 2;
                finished.push(*item);
                open.pop();
            }
        }
    }
    let mut column = vec![0_usize; count];
    for &item in finished.iter().rev() {
        for &to in &forward[item] {
            column[to] = column[to].max(column[item] + 1);
        }
    }
    // What nothing enters moves next to the nearest item that it leads to.
    for item in 0..count {
        if entering[item] == 0
            && let Some(nearest) = forward[item].iter().map(|&to| column[to]).min()
        {
            column[item] = nearest.saturating_sub(1);
        }
    }
    column
}

/// A place in a column: an item, or a link that passes.
#[derive(Copy, Clone, Debug)]
struct Place {
    item: Option<usize>,
    column: usize,
    height: f32,
    y: f32,
}

/// A part of a link between places of neighbouring columns.
#[derive(Copy, Clone, Debug)]
struct Hop {
    from: usize,
    to: usize,
    from_port: f32,
    to_port: f32,
}

struct Board<'a> {
    items: &'a [Item],
    edges: &'a [Edge],
    places: Vec<Place>,
    hops: Vec<Hop>,
    /// The hops that enter each place, and those that leave it.
    entering: Vec<Vec<usize>>,
    leaving: Vec<Vec<usize>>,
    /// The places that each forward link passes, its ends included; empty for a link that goes back.
    chains: Vec<Vec<usize>>,
    order: Vec<Vec<usize>>,
}

/// Where items and links stand, the columns given.
///
/// # Complexity
/// *O*(n log n) a round; n = links × columns that they cross.
pub fn place(items: &[Item], edges: &[Edge]) -> Layout {
    let mut board = Board::new(items, edges);
    board.sort();
    board.settle();
    board.draw()
}

impl<'a> Board<'a> {
    fn new(items: &'a [Item], edges: &'a [Edge]) -> Self {
        let mut places: Vec<Place> =
            items.iter().enumerate().map(|(ix, item)| Place { item: Some(ix), column: item.column, height: item.height, y: 0.0 }).collect();
        let (mut hops, mut chains) = (Vec::new(), Vec::new());
        for edge in edges {
            let (from, to) = (items[edge.from].column, items[edge.to].column);
            if from >= to {
                chains.push(Vec::new());
                continue;
            }
            let mut chain = vec![edge.from];
            for column in from + 1..to {
                chain.push(places.len());
                places.push(Place { item: None, column, height: 0.0, y: 0.0 });
            }
            chain.push(edge.to);
            for (step, pair) in chain.windows(2).enumerate() {
                let from_port = if step == 0 { edge.from_port.unwrap_or(items[edge.from].height / 2.0) } else { 0.0 };
                let is_last = step + 2 == chain.len();
                let to_port = if is_last { edge.to_port.unwrap_or(items[edge.to].height / 2.0) } else { 0.0 };
                hops.push(Hop { from: pair[0], to: pair[1], from_port, to_port });
            }
            chains.push(chain);
        }
        let count = places.iter().map(|place| place.column + 1).max().unwrap_or(0);
        let mut order = vec![Vec::new(); count];
        for (ix, place) in places.iter().enumerate() {
            order[place.column].push(ix);
        }
        let (mut entering, mut leaving) = (vec![Vec::new(); places.len()], vec![Vec::new(); places.len()]);
        for (ix, hop) in hops.iter().enumerate() {
            leaving[hop.from].push(ix);
            entering[hop.to].push(ix);
        }
        Self { items, edges, places, hops, entering, leaving, chains, order }
    }

    /// Orders the places of every column so that few links cross.
    fn sort(&mut self) {
        let mut best = (self.crossings(), self.order.clone());
        for round in 0..ROUNDS {
            if best.0 == 0 {
                break;
            }
            let forwards = round % 2 == 0;
            let columns: Vec<usize> =
                if forwards { (1..self.order.len()).collect() } else { (0..self.order.len().saturating_sub(1)).rev().collect() };
            let mut rank = self.ranks();
            for column in columns {
                let mut keyed: Vec<(f32, usize)> = self.order[column]
                    .iter()
                    .map(|&place| {
                        let beside: Vec<f32> = if forwards {
                            let hops = self.entering[place].iter().map(|&hop| &self.hops[hop]);
                            hops.map(|hop| rank[hop.from] + hop.from_port / PORT_SCALE).collect()
                        } else {
                            let hops = self.leaving[place].iter().map(|&hop| &self.hops[hop]);
                            hops.map(|hop| rank[hop.to] + hop.to_port / PORT_SCALE).collect()
                        };
                        let centre = if beside.is_empty() { rank[place] } else { beside.iter().sum::<f32>() / beside.len() as f32 };
                        (centre, place)
                    })
                    .collect();
                keyed.sort_by(|left, right| left.0.total_cmp(&right.0));
                self.order[column] = keyed.into_iter().map(|(_, place)| place).collect();
                for (at, &place) in self.order[column].iter().enumerate() {
                    rank[place] = at as f32;
                }
            }
            let crossings = self.crossings();
            if crossings < best.0 {
                best = (crossings, self.order.clone());
            }
        }
        self.order = best.1;
    }

    fn ranks(&self) -> Vec<f32> {
        let mut rank = vec![0.0; self.places.len()];
        for column in &self.order {
            for (at, &place) in column.iter().enumerate() {
                rank[place] = at as f32;
            }
        }
        rank
    }

    /// How many pairs of hops cross: in every gap, the pairs that are in one order at the left and in the other at the
    /// right.
    fn crossings(&self) -> usize {
        let rank = self.ranks();
        let mut gaps: Vec<Vec<(f32, f32)>> = vec![Vec::new(); self.order.len()];
        for hop in &self.hops {
            let ends = (rank[hop.from] + hop.from_port / PORT_SCALE, rank[hop.to] + hop.to_port / PORT_SCALE);
            gaps[self.places[hop.from].column].push(ends);
        }
        gaps.into_iter()
            .map(|mut gap| {
                gap.sort_by(|one, other| one.0.total_cmp(&other.0).then(one.1.total_cmp(&other.1)));
                inversions(&mut gap.into_iter().map(|ends| ends.1).collect::<Vec<f32>>())
            })
            .sum()
    }

    /// Moves the places of every column up and down, in their order, to where their links are straightest.
    fn settle(&mut self) {
        for column in 0..self.order.len() {
            let wanted = vec![None; self.order[column].len()];
            self.settle_column(column, &wanted);
        }
        for round in 0..ROUNDS {
            let columns: Vec<usize> = if round % 2 == 0 { (0..self.order.len()).collect() } else { (0..self.order.len()).rev().collect() };
            for column in columns {
                let wanted: Vec<Option<(f32, f32)>> = self.order[column].iter().map(|&place| self.wanted(place)).collect();
                self.settle_column(column, &wanted);
            }
        }
    }

    /// Where a place would stand best, with its weight: links that only pass are kept straight above all.
    fn wanted(&self, place: usize) -> Option<(f32, f32)> {
        let (mut sum, mut weight) = (0.0, 0.0);
        let entering = self.entering[place].iter().map(|&hop| &self.hops[hop]).map(|hop| (hop.from, hop.from_port, hop.to_port));
        let leaving = self.leaving[place].iter().map(|&hop| &self.hops[hop]).map(|hop| (hop.to, hop.to_port, hop.from_port));
        for (other, other_port, own_port) in entering.chain(leaving) {
            let pull = if self.places[other].item.is_none() || self.places[place].item.is_none() { 2.0 } else { 1.0 };
            sum += pull * (self.places[other].y + other_port - own_port);
            weight += pull;
        }
        (weight > 0.0).then(|| (sum / weight, weight))
    }

    fn settle_column(&mut self, column: usize, wanted: &[Option<(f32, f32)>]) {
        // With the heights and gaps above it taken off, each place may not stand above the one before it.
        let mut offset = 0.0;
        let mut offsets = Vec::with_capacity(self.order[column].len());
        for (at, &place) in self.order[column].iter().enumerate() {
            if at > 0 {
                let above = self.order[column][at - 1];
                let both_items = self.places[above].item.is_some() && self.places[place].item.is_some();
                offset += self.places[above].height + if both_items { CARD_GAP } else { PASS_GAP };
            }
            offsets.push(offset);
        }
        let mut pools: Vec<(f32, f32, usize)> = Vec::new();
        for (at, &place) in self.order[column].iter().enumerate() {
            let (y, weight) = wanted[at].unwrap_or((self.places[place].y, 0.01));
            let mut pool = (y - offsets[at], weight, 1);
            while let Some(&(y, weight, count)) = pools.last().filter(|last| last.0 > pool.0) {
                pools.pop();
                let all = weight + pool.1;
                pool = ((y * weight + pool.0 * pool.1) / all, all, count + pool.2);
            }
            pools.push(pool);
        }
        let levels = pools.into_iter().flat_map(|(y, _, count)| std::iter::repeat_n(y, count));
        for (at, level) in levels.enumerate() {
            let place = self.order[column][at];
            self.places[place].y = level + offsets[at];
        }
    }

    fn draw(mut self) -> Layout {
        let top = self.places.iter().map(|place| place.y).fold(f32::INFINITY, f32::min);
        let top = if top.is_finite() { top } else { 0.0 };
        for place in &mut self.places {
            place.y = (place.y - top).round();
        }
        let bottom = self.places.iter().map(|place| place.y + place.height).fold(0.0, f32::max);
        let (columns, lanes) = self.across();
        let items: Vec<Point> = self
            .items
            .iter()
            .zip(&self.places)
            .map(|(item, place)| {
                let (x, width) = columns[item.column];
                Point { x: (x + (width - item.width) / 2.0).round(), y: place.y }
            })
            .collect();
        let ports = self.ports();
        let mut entering = vec![0; self.items.len()];
        for edge in self.edges {
            entering[edge.to] += 1;
        }
        let mut lane = 0;
        let routes: Vec<Route> = (0..self.edges.len())
            .map(|edge_ix| {
                let edge = self.edges[edge_ix];
                let start = Point { x: items[edge.from].x + self.items[edge.from].width, y: items[edge.from].y + ports[edge_ix].0 };
                let end = Point { x: items[edge.to].x, y: items[edge.to].y + ports[edge_ix].1 };
                if self.chains[edge_ix].is_empty() {
                    lane += 1;
                    let right = columns[self.items[edge.from].column];
                    let left = columns[self.items[edge.to].column];
                    let out = right.0 + right.1 + 10.0 + LANE * lanes[edge_ix] as f32;
                    let back = left.0 - 14.0 - LANE * lanes[edge_ix] as f32;
                    around(start, end, (out, back), bottom + 10.0 + LANE * 1.5 * lane as f32)
                } else {
                    let passes: Vec<(f32, f32, f32)> = self.chains[edge_ix][1..self.chains[edge_ix].len() - 1]
                        .iter()
                        .map(|&place| {
                            let (x, width) = columns[self.places[place].column];
                            (x, x + width, self.places[place].y)
                        })
                        .collect();
                    along(start, end, &passes, entering[edge.to] == 1)
                }
            })
            .collect();
        let right = columns.last().map_or(0.0, |(x, width)| x + width);
        let right = routes.iter().flat_map(|route| &route.pieces).map(|piece| piece.end().x).fold(right, f32::max);
        let below = if lane == 0 { 0.0 } else { 16.0 + LANE * 1.5 * lane as f32 };
        Layout { items, routes, columns, size: Point { x: right, y: bottom + below } }
    }

    /// Left edge and width of every column, and the lane of every link that goes back.
    fn across(&self) -> (Vec<(f32, f32)>, Vec<usize>) {
        let count = self.order.len();
        let mut widths = vec![0.0_f32; count];
        for item in self.items {
            widths[item.column] = widths[item.column].max(item.width);
        }
        // Gap `i` lies before column `i`; the last one behind all.
        let mut labels = vec![0.0_f32; count + 1];
        let mut taken = vec![0_usize; count + 1];
        let mut busy = vec![0_usize; count + 1];
        let mut lanes = vec![0; self.edges.len()];
        for (edge_ix, edge) in self.edges.iter().enumerate() {
            let (from, to) = (self.items[edge.from].column, self.items[edge.to].column);
            labels[to] = labels[to].max(edge.label);
            busy[to] += usize::from(edge.label > 0.0);
            if self.chains[edge_ix].is_empty() {
                lanes[edge_ix] = taken[from + 1].max(taken[to]);
                taken[from + 1] = lanes[edge_ix] + 1;
                taken[to] = lanes[edge_ix] + 1;
            }
        }
        let mut x = 0.0;
        let mut columns = Vec::with_capacity(count);
        for column in 0..count {
            // Links need room to cross before their labels begin.
            let label = if labels[column] > 0.0 { labels[column] + 24.0 + (6.0 * busy[column] as f32).min(120.0) } else { 0.0 };
            let lanes = if taken[column] > 0 { 28.0 + 2.0 * LANE * taken[column] as f32 } else { 0.0 };
            x += if column == 0 { label + lanes } else { COLUMN_GAP.max(label + 30.0) + lanes };
            columns.push((x, widths[column]));
            x += widths[column];
        }
        (columns, lanes)
    }

    /// Where every link leaves and enters, in pixels from the top of its items: those of one side are spread over it in
    /// the order of their other ends.
    fn ports(&self) -> Vec<(f32, f32)> {
        let mut ports: Vec<(f32, f32)> =
            self.edges.iter().map(|edge| (edge.from_port.unwrap_or(f32::NAN), edge.to_port.unwrap_or(f32::NAN))).collect();
        for is_leaving in [true, false] {
            let mut sides: Vec<Vec<(f32, usize)>> = vec![Vec::new(); self.items.len()];
            for (edge_ix, edge) in self.edges.iter().enumerate() {
                let (item, port) = if is_leaving { (edge.from, ports[edge_ix].0) } else { (edge.to, ports[edge_ix].1) };
                if port.is_nan() {
                    let chain = &self.chains[edge_ix];
                    let next = if is_leaving { chain.get(1) } else { chain.len().checked_sub(2).and_then(|at| chain.get(at)) };
                    let y = next.map_or(f32::INFINITY, |&place| self.places[place].y + self.places[place].height / 2.0);
                    sides[item].push((y, edge_ix));
                }
            }
            for (item, mut side) in self.items.iter().zip(sides) {
                side.sort_by(|left, right| left.0.total_cmp(&right.0).then(left.1.cmp(&right.1)));
                let step = item.height / (side.len() + 1) as f32;
                for (at, (_, edge_ix)) in side.into_iter().enumerate() {
                    let port = (step * (at + 1) as f32).round();
                    if is_leaving {
                        ports[edge_ix].0 = port;
                    } else {
                        ports[edge_ix].1 = port;
                    }
                }
            }
        }
        ports
    }
}

/// How many pairs stand in descending order; sorts them on the way, by merging.
fn inversions(values: &mut [f32]) -> usize {
    if values.len() < 2 {
        return 0;
    }
    let (left, right) = values.split_at_mut(values.len() / 2);
    let mut count = inversions(left) + inversions(right);
    let mut merged = Vec::with_capacity(left.len() + right.len());
    let (mut at, mut beside) = (0, 0);
    while at < left.len() || beside < right.len() {
        if beside == right.len() || (at < left.len() && left[at] <= right[beside]) {
            merged.push(left[at]);
            at += 1;
        } else {
            count += left.len() - at;
            merged.push(right[beside]);
            beside += 1;
        }
    }
    values.copy_from_slice(&merged);
    count
}

impl Piece {
    /// Where the piece ends.
    pub const fn end(&self) -> Point {
        match self {
            Self::Line(end) | Self::Curve(_, _, end) => *end,
        }
    }
}

/// A curve to the right that passes columns at the heights given.
fn along(start: Point, end: Point, passes: &[(f32, f32, f32)], is_alone: bool) -> Route {
    let mut pieces = Vec::new();
    let mut at = start;
    let bend = |from: Point, to: Point| {
        let half = (to.x - from.x) / 2.0;
        Piece::Curve(Point { x: from.x + half, y: from.y }, Point { x: to.x - half, y: to.y }, to)
    };
    for &(left, right, y) in passes {
        pieces.push(bend(at, Point { x: left, y }));
        pieces.push(Piece::Line(Point { x: right, y }));
        at = Point { x: right, y };
    }
    pieces.push(bend(at, end));
    // The label stands above the link; where it has the place to itself, on the side that the curve does not come from.
    let before = passes.last().map_or(start.y, |pass| pass.2);
    let is_below = is_alone && before < end.y - 1.0;
    let label_end = Point { x: end.x - 14.0, y: if is_below { end.y + 13.0 } else { end.y - 4.0 } };
    Route { start, pieces, label_end }
}

/// A way back below everything, with rounded corners.
fn around(start: Point, end: Point, (out, back): (f32, f32), lane: f32) -> Route {
    let corners = [Point { x: out, y: start.y }, Point { x: out, y: lane }, Point { x: back, y: lane }, Point { x: back, y: end.y }];
    let mut pieces = Vec::new();
    let mut at = start;
    for (ix, &corner) in corners.iter().enumerate() {
        let next = corners.get(ix + 1).copied().unwrap_or(end);
        let towards = |from: Point, to: Point| {
            let length = (to.x - from.x).abs() + (to.y - from.y).abs();
            let share = if length > 0.0 { (CORNER / length).min(0.5) } else { 0.0 };
            Point { x: from.x + (to.x - from.x) * share, y: from.y + (to.y - from.y) * share }
        };
        let (before, after) = (towards(corner, at), towards(corner, next));
        pieces.push(Piece::Line(before));
        pieces.push(Piece::Curve(corner, corner, after));
        at = after;
    }
    pieces.push(Piece::Line(end));
    Route { start, pieces, label_end: Point { x: end.x - 14.0, y: end.y - 4.0 } }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(column: usize) -> Item {
        Item { width: 100.0, height: 50.0, column }
    }

    fn edge(from: usize, to: usize) -> Edge {
        Edge { from, to, from_port: None, to_port: None, label: 0.0 }
    }

    #[test]
    fn links_go_to_later_columns_unless_they_close_a_circle() {
        assert_eq!(columns(4, &[(0, 1), (1, 2), (0, 3), (3, 2)]), [0, 1, 2, 1]);
        assert_eq!(columns(3, &[(0, 1), (1, 2), (2, 0)]), [0, 1, 2]);
        assert_eq!(columns(3, &[(0, 1), (2, 1), (1, 1)]), [0, 1, 0]);
        assert_eq!(columns(2, &[]), [0, 0]);
    }

    #[test]
    fn no_two_items_overlap_and_none_is_crossed_by_a_forward_link() {
        let items: Vec<Item> = [0, 1, 1, 1, 2, 2, 3].map(item).to_vec();
        let edges: Vec<Edge> =
            [(0, 1), (0, 2), (0, 3), (1, 5), (3, 4), (0, 6), (2, 6), (6, 0), (4, 5)].map(|(from, to)| edge(from, to)).to_vec();
        let layout = place(&items, &edges);
        for (ix, (one, at)) in items.iter().zip(&layout.items).enumerate() {
            for (other, beside) in items.iter().zip(&layout.items).skip(ix + 1) {
                let apart = at.x + one.width <= beside.x
                    || beside.x + other.width <= at.x
                    || at.y + one.height <= beside.y
                    || beside.y + other.height <= at.y;
                assert!(apart, "{at:?} and {beside:?}");
            }
        }
        for route in &layout.routes {
            for line in route.pieces.windows(2) {
                let Piece::Line(end) = line[1] else { continue };
                let start = line[0].end();
                for (item, at) in items.iter().zip(&layout.items) {
                    let inside =
                        |point: Point| point.x > at.x && point.x < at.x + item.width && point.y > at.y && point.y < at.y + item.height;
                    let middle = Point { x: f32::midpoint(start.x, end.x), y: f32::midpoint(start.y, end.y) };
                    assert!(!inside(middle), "{route:?} runs through the item at {at:?}");
                }
            }
        }
    }

    #[test]
    fn an_order_without_crossings_is_found_where_there_is_one() {
        let items: Vec<Item> = [0, 0, 1, 1].map(item).to_vec();
        let layout = place(&items, &[edge(0, 3), edge(1, 2)]);
        assert!((layout.items[0].y < layout.items[1].y) == (layout.items[3].y < layout.items[2].y));
    }

    #[test]
    fn inversions_are_the_pairs_in_descending_order() {
        let values = [3.0, 1.0, 2.0, 2.0, 0.5, 4.0, 1.0];
        let slow = (0..values.len()).flat_map(|at| (at + 1..values.len()).map(move |beside| (at, beside)));
        let slow = slow.filter(|&(at, beside)| values[at] > values[beside]).count();
        assert_eq!(inversions(&mut values.clone()), slow);
    }

    #[test]
    fn nothing_at_all_has_no_size() {
        assert_eq!(place(&[], &[]).size, Point { x: 0.0, y: 0.0 });
    }
}
