//! Scenes become files: PNG by drawing at twice the size and halving, SVG shape by shape.

use std::fmt::Display;

use plotters::backend::{BitMapBackend, DrawingBackend, SVGBackend};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{FontTransform, IntoFont, RGBColor, ShapeStyle, TextStyle};

use super::font;
use super::font::{CAPITAL, FAMILY};
use super::scene::{Anchor, Place, Rect, Rgb, Scene, Shape, WHITE};

/// How much larger than the finished picture shapes are drawn, so that their edges come out smooth.
const OVERSIZE: usize = 2;

/// A file format for pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Pixels, 1600 wide.
    Png,
    /// Vectors, with text as text.
    Svg,
}

/// Why a picture could not be drawn.
#[derive(Debug, thiserror::Error)]
pub enum ChartError {
    /// The drawing library refused.
    #[error("the picture cannot be drawn: {0}")]
    Draw(String),
    /// The pixels could not be encoded.
    #[error("the picture cannot be encoded: {0}")]
    Encode(#[from] png::EncodingError),
}

/// The bytes of a file of `scene`; equal scenes give equal bytes.
pub fn draw(scene: &Scene, format: Format) -> Result<Vec<u8>, ChartError> {
    match format {
        Format::Png => png(scene),
        Format::Svg => svg(scene),
    }
}

fn svg(scene: &Scene) -> Result<Vec<u8>, ChartError> {
    let mut file = String::new();
    {
        let size = (scene.width as u32, scene.height as u32);
        let mut pen = Pen { backend: SVGBackend::with_string(&mut file, size), scale: 1.0, rounded: false };
        pen.ground(scene)?;
        for shape in &scene.shapes {
            pen.shape(shape)?;
        }
        for shape in &scene.shapes {
            pen.text(shape)?;
        }
        pen.backend.present().map_err(failed)?;
    }
    Ok(measured(&tersely(&file), scene).into_bytes())
}

/// With the width of each text, so that one set in another font takes the room that was left for it.
fn measured(svg: &str, scene: &Scene) -> String {
    let width = |shape: &Shape| match shape {
        Shape::Text { text, size, .. } => Some(font::width(text, *size)),
        _ => None,
    };
    let mut widths = scene.shapes.iter().filter_map(width);
    let mut parts = svg.split("<text ");
    let mut whole = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        whole += "<text ";
        if let Some(width) = widths.next().filter(|width| *width > 0.0) {
            whole += &format!("textLength=\"{width:.0}\" lengthAdjust=\"spacingAndGlyphs\" ");
        }
        whole += part;
    }
    whole
}

/// Without what the backend spells out though it goes without saying.
fn tersely(svg: &str) -> String {
    svg.replace(" opacity=\"1\"", "").replace(" stroke=\"none\"", "").replace(" stroke-width=\"1\"/>", "/>")
}

fn png(scene: &Scene) -> Result<Vec<u8>, ChartError> {
    let (width, height) = (scene.width as usize, scene.height as usize);
    let (wide, high) = (width * OVERSIZE, height * OVERSIZE);
    let mut large = vec![255; wide * high * 3];
    {
        let backend = BitMapBackend::with_buffer(&mut large, (wide as u32, high as u32));
        let mut pen = Pen { backend, scale: OVERSIZE as f64, rounded: true };
        for shape in &scene.shapes {
            pen.shape(shape)?;
        }
        pen.backend.present().map_err(failed)?;
    }
    let mut pixels = halve(&large, width, height);
    drop(large);
    for shape in &scene.shapes {
        print(shape, &mut pixels, (width, height));
    }
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, width as u32, height as u32);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::Fast);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&pixels)?;
    writer.finish()?;
    Ok(file)
}

/// The mean of each square of oversize pixels.
fn halve(large: &[u8], width: usize, height: usize) -> Vec<u8> {
    let row = width * OVERSIZE * 3;
    let mut pixels = Vec::with_capacity(width * height * 3);
    for y in 0..height {
        for x in 0..width {
            for channel in 0..3 {
                let mut sum = 0;
                for part in 0..OVERSIZE * OVERSIZE {
                    let (down, right) = (part / OVERSIZE, part % OVERSIZE);
                    let at = (y * OVERSIZE + down) * row + (x * OVERSIZE + right) * 3 + channel;
                    sum += large.get(at).map_or(0, |value| u32::from(*value));
                }
                pixels.push((sum / (OVERSIZE * OVERSIZE) as u32) as u8);
            }
        }
    }
    pixels
}

/// Prints a text into pixels.
fn print(shape: &Shape, pixels: &mut [u8], (width, height): (usize, usize)) {
    let Shape::Text { at, text, size, colour, anchor, upward } = shape else { return };
    let back = match anchor {
        Anchor::Start => 0.0,
        Anchor::Middle => font::width(text, *size) / 2.0,
        Anchor::End => font::width(text, *size),
    };
    let down = size * CAPITAL / 2.0;
    let (x0, y0) = if *upward { (at.0 + down, at.1 + back) } else { (at.0 - back, at.1 + down) };
    let (x0, y0) = (x0.round() as i32, y0.round() as i32);
    font::pixels(text, *size, |right, lower, cover| {
        let (x, y) = if *upward { (x0 + lower, y0 - right) } else { (x0 + right, y0 + lower) };
        if x < 0 || y < 0 || x as usize >= width || y as usize >= height {
            return;
        }
        let start = (y as usize * width + x as usize) * 3;
        let Some(pixel) = pixels.get_mut(start..start + 3) else { return };
        for (old, new) in pixel.iter_mut().zip([colour.0, colour.1, colour.2]) {
            *old = (f32::from(*old) * (1.0 - cover) + f32::from(new) * cover).round() as u8;
        }
    });
}

/// A drawing backend with the scale at which scenes are drawn on it.
struct Pen<B> {
    backend: B,
    scale: f64,
    /// Whether the joints of lines are rounded by hand, since the backend does not.
    rounded: bool,
}

impl<B: DrawingBackend> Pen<B> {
    fn at(&self, place: Place) -> (i32, i32) {
        ((place.0 * self.scale).round() as i32, (place.1 * self.scale).round() as i32)
    }

    fn style(&self, colour: Rgb, width: f64) -> ShapeStyle {
        let color = RGBColor(colour.0, colour.1, colour.2).into();
        ShapeStyle { color, filled: true, stroke_width: (width * self.scale).round().max(1.0) as u32 }
    }

    fn ground(&mut self, scene: &Scene) -> Result<(), ChartError> {
        self.fill(Rect { left: 0.0, top: 0.0, right: scene.width, bottom: scene.height }, WHITE)
    }

    fn fill(&mut self, rect: Rect, colour: Rgb) -> Result<(), ChartError> {
        let (from, to) = (self.at((rect.left, rect.top)), self.at((rect.right, rect.bottom)));
        let style = self.style(colour, 1.0);
        self.backend.draw_rect(from, to, &style, true).map_err(failed)
    }

    fn shape(&mut self, shape: &Shape) -> Result<(), ChartError> {
        match shape {
            Shape::Fill { rect, colour } => self.fill(*rect, *colour),
            Shape::Frame { rect, colour, width } => {
                let Rect { left, top, right, bottom } = *rect;
                self.fill(Rect { bottom: top + width, ..*rect }, *colour)?;
                self.fill(Rect { top: bottom - width, ..*rect }, *colour)?;
                self.fill(Rect { right: left + width, ..*rect }, *colour)?;
                self.fill(Rect { left: right - width, ..*rect }, *colour)
            }
            Shape::Line { points, colour, width } => self.line(points, *colour, *width),
            Shape::Polygon { points, colour } => {
                let points: Vec<_> = points.iter().map(|place| self.at(*place)).collect();
                let style = self.style(*colour, 1.0);
                self.backend.fill_polygon(points, &style).map_err(failed)
            }
            Shape::Disc { centre, radius, colour } => {
                let (style, centre) = (self.style(*colour, 1.0), self.at(*centre));
                let radius = (radius * self.scale).round() as u32;
                self.backend.draw_circle(centre, radius, &style, true).map_err(failed)
            }
            Shape::Text { .. } => Ok(()),
        }
    }

    fn line(&mut self, points: &[Place], colour: Rgb, width: f64) -> Result<(), ChartError> {
        let points: Vec<_> = points.iter().map(|place| self.at(*place)).collect();
        let style = self.style(colour, width);
        if !self.rounded {
            return self.backend.draw_path(points, &style).map_err(failed);
        }
        for pair in points.windows(2) {
            if let [from, to] = pair {
                self.backend.draw_line(*from, *to, &style).map_err(failed)?;
            }
        }
        let joints = points.get(1..points.len().saturating_sub(1)).unwrap_or_default();
        for joint in joints.iter().filter(|_| style.stroke_width > 2) {
            self.backend.draw_circle(*joint, style.stroke_width / 2, &style, true).map_err(failed)?;
        }
        Ok(())
    }

    /// Writes a text as text.
    fn text(&mut self, shape: &Shape) -> Result<(), ChartError> {
        let Shape::Text { at, text, size, colour, anchor, upward } = shape else { return Ok(()) };
        let h_pos = match anchor {
            Anchor::Start => HPos::Left,
            Anchor::Middle => HPos::Center,
            Anchor::End => HPos::Right,
        };
        // The backend centres the lower-case letters and takes sizes 1.24 times the em.
        let lift = 0.09 * size;
        let at = if *upward { (at.0 + lift, at.1) } else { (at.0, at.1 + lift) };
        let font = (FAMILY, size * 1.24).into_font();
        let font = font.transform(if *upward { FontTransform::Rotate270 } else { FontTransform::None });
        let colour = RGBColor(colour.0, colour.1, colour.2);
        let style = TextStyle::from(font).color(&colour).pos(Pos::new(h_pos, VPos::Center));
        let at = self.at(at);
        self.backend.draw_text(text, &style, at).map_err(failed)
    }
}

fn failed(error: impl Display) -> ChartError {
    ChartError::Draw(error.to_string())
}
