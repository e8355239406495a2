//! An SVG as PNG, without any other program.

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree, fontdb};
use std::sync::Arc;

/// Pixels of the PNG for one of the SVG: sharp on dense screens too.
const SCALE: f32 = 2.0;
/// Pixels that a PNG may have; a picture that is larger is scaled down to it.
const MOST_PIXELS: f32 = 32_000_000.0;

/// Draws an SVG of this program as PNG.
///
/// Text is set in the faces that ship with the program, so that the same picture gives the same bytes everywhere;
/// only where it holds letters that they lack are the faces of this computer asked.
///
/// # Errors
/// The drawing could not be read or is too large, in words.
pub(crate) fn png(svg: &str) -> Result<Vec<u8>, String> {
    let mut fonts = fontdb::Database::new();
    fonts.load_font_data(dejavu::sans::regular().to_vec());
    fonts.load_font_data(dejavu::sans::bold().to_vec());
    if !has_all_letters(svg) {
        fonts.load_system_fonts();
    }
    fonts.set_sans_serif_family("DejaVu Sans");
    let options = Options { font_family: "DejaVu Sans".to_owned(), fontdb: Arc::new(fonts), ..Options::default() };
    let svg = svg.replacen(weaklink::report::diagram::svg::FONTS, "DejaVu Sans", 1);
    let tree = Tree::from_str(&svg, &options).map_err(|error| error.to_string())?;
    let size = tree.size();
    let scale = SCALE.min((MOST_PIXELS / (size.width() * size.height())).sqrt());
    let (width, height) = ((size.width() * scale).ceil() as u32, (size.height() * scale).ceil() as u32);
    let mut pixels = Pixmap::new(width, height).ok_or_else(|| format!("{width} by {height} pixels are too many"))?;
    resvg::render(&tree, Transform::from_scale(scale, scale), &mut pixels.as_mut());
    pixels.encode_png().map_err(|error| error.to_string())
}

fn has_all_letters(svg: &str) -> bool {
    svg.chars().all(|c| c.is_ascii() || weaklink::report::diagram::text::has_glyph(c))
}
