//! The posture as a badge: a small SVG for a README.

use quick_xml::Writer;
use quick_xml::events::{BytesText, Event};

/// Colours by the least posture that they stand for; white text on each has a contrast of 4.5 and more.
const COLOURS: [(u8, &str); 4] = [(80, "#00704f"), (50, "#6b5c00"), (20, "#a63800"), (0, "#9f1239")];

/// The badge of a posture, 0 to 100, in the worst case.
pub fn render(posture: u8) -> String {
    let colour = COLOURS.iter().find(|(least, _)| posture >= *least).map_or("#9f1239", |(_, colour)| colour);
    let value = posture.to_string();
    let label = "weaklink posture";
    // The letters are fitted into these widths, whatever face the reader has.
    let (label_width, value_width) = (106, 12 + 8 * value.len());
    let width = (label_width + value_width).to_string();
    let title = format!("{label}: {posture} of 100");
    let mut writer = Writer::new(Vec::new());
    let root = [("xmlns", "http://www.w3.org/2000/svg"), ("width", &width), ("height", "20"), ("role", "img"), ("aria-label", &title)];
    let written = writer.create_element("svg").with_attributes(root).write_inner_content(|writer| {
        writer.create_element("title").write_text_content(BytesText::new(&title))?;
        for (x, width, fill) in [(0, label_width, "#3b434d"), (label_width, value_width, colour)] {
            let (x, width) = (x.to_string(), width.to_string());
            let area = [("x", x.as_str()), ("width", &width), ("height", "20"), ("fill", fill)];
            writer.create_element("rect").with_attributes(area).write_empty()?;
        }
        for (x, width, text) in [(6, label_width - 12, label), (label_width + 6, value_width - 12, &value)] {
            let (x, width) = (x.to_string(), width.to_string());
            let set = [
                ("x", x.as_str()),
                ("y", "14"),
                ("textLength", &width),
                ("fill", "#ffffff"),
                ("font-family", "Verdana,'DejaVu Sans',sans-serif"),
                ("font-size", "11"),
            ];
            writer.create_element("text").with_attributes(set).write_text_content(BytesText::new(text))?;
        }
        writer.write_event(Event::Text(BytesText::new("\n")))
    });
    let bytes = if written.is_ok() { writer.into_inner() } else { Vec::new() };
    String::from_utf8(bytes).unwrap_or_default() + "\n"
}
