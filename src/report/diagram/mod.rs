//! Diagrams: a view turns a result into a [`Picture`] that answers one question; writers turn that into DOT, SVG and
//! Mermaid.

pub mod dot;
pub mod labels;
pub mod layout;
mod legend;
pub mod mermaid;
pub mod palette;
pub mod picture;
pub mod svg;
pub mod text;
pub mod views;

pub use picture::Picture;
pub use svg::Theme;
