//! A picture before it has a format: shapes on a canvas whose unit is one pixel of the finished PNG.
//!
//! Charts build scenes; [`super::render`] draws them. Shapes are painted in order, texts last.

use super::font;

/// A colour, in sRGB.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rgb(pub u8, pub u8, pub u8);

/// Near-black, for text and axes.
pub const INK: Rgb = Rgb(34, 34, 34);
/// Grey for what comes second: subtitles, ticks, outlines.
pub const GREY: Rgb = Rgb(110, 110, 110);
/// Light grey for grid lines and outlines of what is not there.
pub const PALE: Rgb = Rgb(205, 205, 205);
/// The ground.
pub const WHITE: Rgb = Rgb(255, 255, 255);

/// A place on the canvas: rightward, downward.
pub type Place = (f64, f64);

/// An upright rectangle.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rect {
    /// Left edge.
    pub left: f64,
    /// Upper edge.
    pub top: f64,
    /// Right edge.
    pub right: f64,
    /// Lower edge.
    pub bottom: f64,
}

impl Rect {
    /// The width.
    pub fn width(&self) -> f64 {
        self.right - self.left
    }

    /// The height.
    pub fn height(&self) -> f64 {
        self.bottom - self.top
    }

    /// The middle.
    pub fn centre(&self) -> Place {
        ((self.left + self.right) / 2.0, (self.top + self.bottom) / 2.0)
    }

    /// The rectangle made smaller by `by` on each side.
    pub fn inset(&self, by: f64) -> Rect {
        Rect { left: self.left + by, top: self.top + by, right: self.right - by, bottom: self.bottom - by }
    }
}

/// Which part of a text stands at its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    /// Its beginning.
    Start,
    /// Its middle.
    Middle,
    /// Its end.
    End,
}

/// One thing to draw.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// A filled rectangle.
    Fill {
        /// Where.
        rect: Rect,
        /// Its colour.
        colour: Rgb,
    },
    /// The outline of a rectangle, drawn within it.
    Frame {
        /// Where.
        rect: Rect,
        /// Its colour.
        colour: Rgb,
        /// Its thickness.
        width: f64,
    },
    /// A line through places.
    Line {
        /// The places.
        points: Vec<Place>,
        /// Its colour.
        colour: Rgb,
        /// Its thickness.
        width: f64,
    },
    /// A filled polygon.
    Polygon {
        /// Its corners.
        points: Vec<Place>,
        /// Its colour.
        colour: Rgb,
    },
    /// A filled disc.
    Disc {
        /// Its centre.
        centre: Place,
        /// Its radius.
        radius: f64,
        /// Its colour.
        colour: Rgb,
    },
    /// A line of text, its capitals centred on the place's height.
    Text {
        /// Where.
        at: Place,
        /// What.
        text: String,
        /// The size of an em.
        size: f64,
        /// Its colour.
        colour: Rgb,
        /// Which part of it stands at the place.
        anchor: Anchor,
        /// Whether it reads upward.
        upward: bool,
    },
}

/// A picture: a canvas and what is on it.
#[derive(Clone, Debug, PartialEq)]
pub struct Scene {
    /// Width of the canvas.
    pub width: f64,
    /// Height of the canvas.
    pub height: f64,
    /// What is on it, in the order in which it is painted.
    pub shapes: Vec<Shape>,
    /// The cells, as indices into those of the facts, that have a place of their own, and where.
    pub cells: Vec<(usize, Rect)>,
}

impl Scene {
    /// An empty canvas.
    pub fn new(width: f64, height: f64) -> Scene {
        Scene { width, height, shapes: Vec::new(), cells: Vec::new() }
    }

    /// Adds a filled rectangle.
    pub fn fill(&mut self, rect: Rect, colour: Rgb) {
        self.shapes.push(Shape::Fill { rect, colour });
    }

    /// Adds the outline of a rectangle.
    pub fn frame(&mut self, rect: Rect, colour: Rgb, width: f64) {
        self.shapes.push(Shape::Frame { rect, colour, width });
    }

    /// Adds a line.
    pub fn line(&mut self, points: &[Place], colour: Rgb, width: f64) {
        self.shapes.push(Shape::Line { points: points.to_vec(), colour, width });
    }

    /// Adds a polygon.
    pub fn polygon(&mut self, points: &[Place], colour: Rgb) {
        self.shapes.push(Shape::Polygon { points: points.to_vec(), colour });
    }

    /// Adds a disc.
    pub fn disc(&mut self, centre: Place, radius: f64, colour: Rgb) {
        self.shapes.push(Shape::Disc { centre, radius, colour });
    }

    /// Adds a text.
    pub fn text(&mut self, at: Place, text: impl Into<String>, size: f64, colour: Rgb, anchor: Anchor) {
        self.shapes.push(Shape::Text { at, text: text.into(), size, colour, anchor, upward: false });
    }

    /// Adds a text that reads upward, its middle at the place.
    pub fn text_upward(&mut self, at: Place, text: impl Into<String>, size: f64, colour: Rgb) {
        let anchor = Anchor::Middle;
        self.shapes.push(Shape::Text { at, text: text.into(), size, colour, anchor, upward: true });
    }

    /// Adds a text cut to `width`, with an ellipsis where something is missing.
    pub fn text_within(&mut self, at: Place, what: &str, size: f64, colour: Rgb, width: f64) {
        let cut = font::cut(what, size, width);
        self.text(at, cut, size, colour, Anchor::Start);
    }

    /// Lowers all shapes from the one at index `first` on, and the foot of the canvas, where a heading has more lines
    /// than they leave room for.
    pub fn lower(&mut self, first: usize, by: f64) {
        let by = by.max(0.0);
        self.height += by;
        for shape in self.shapes.iter_mut().skip(first) {
            match shape {
                Shape::Fill { rect, .. } | Shape::Frame { rect, .. } => {
                    rect.top += by;
                    rect.bottom += by;
                }
                Shape::Line { points, .. } | Shape::Polygon { points, .. } => {
                    points.iter_mut().for_each(|point| point.1 += by);
                }
                Shape::Disc { centre: at, .. } | Shape::Text { at, .. } => at.1 += by,
            }
        }
    }
}
