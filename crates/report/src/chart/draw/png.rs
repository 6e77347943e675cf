//! A scene as PNG: drawn by plotters at twice the size and halved, so that edges come out smooth.

use std::fmt::Display;

use plotters::backend::{BitMapBackend, DrawingBackend};
use plotters::style::{RGBColor, ShapeStyle};

use super::ChartError;
use super::font::{self, CAPITAL};
use super::scene::{Anchor, Place, Rect, Rgb, Scene, Shape};

/// How much larger than the finished picture shapes are drawn.
const OVERSIZE: usize = 2;
/// The same as a factor of places.
const SCALE: f64 = OVERSIZE as f64;

/// The file of `scene`: drawn by plotters at twice the size, halved, and the texts printed on it.
pub fn png(scene: &Scene) -> Result<Vec<u8>, ChartError> {
    let (width, height) = (scene.width as usize, scene.height as usize);
    let (wide, high) = (width * OVERSIZE, height * OVERSIZE);
    let mut large = vec![255; wide * high * 3];
    {
        let backend = BitMapBackend::with_buffer(&mut large, (wide as u32, high as u32));
        let mut pen = Pen { backend };
        for shape in &scene.shapes {
            pen.shape(shape)?;
        }
        pen.backend.present().map_err(failed)?;
    }
    let mut pixels = halve(&large, width, height);
    drop(large);
    for shape in &scene.shapes {
        print(shape, &mut pixels);
    }
    let mut file = Vec::new();
    let mut encoder = ::png::Encoder::new(&mut file, width as u32, height as u32);
    encoder.set_color(::png::ColorType::Rgb);
    encoder.set_depth(::png::BitDepth::Eight);
    encoder.set_compression(::png::Compression::Fast);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&pixels.rgb)?;
    writer.finish()?;
    Ok(file)
}

/// A finished picture.
struct Pixels {
    /// Red, green and blue of each pixel, row by row.
    rgb: Vec<u8>,
    width: usize,
    height: usize,
}

/// The mean of each square of oversize pixels.
fn halve(large: &[u8], width: usize, height: usize) -> Pixels {
    let row = width * OVERSIZE * 3;
    let mut rgb = Vec::with_capacity(width * height * 3);
    for y in 0..height {
        for x in 0..width {
            for channel in 0..3 {
                let mut sum = 0;
                for part in 0..OVERSIZE * OVERSIZE {
                    let (down, right) = (part / OVERSIZE, part % OVERSIZE);
                    let at = (y * OVERSIZE + down) * row + (x * OVERSIZE + right) * 3 + channel;
                    sum += large.get(at).map_or(0, |value| u32::from(*value));
                }
                rgb.push((sum / (OVERSIZE * OVERSIZE) as u32) as u8);
            }
        }
    }
    Pixels { rgb, width, height }
}

/// Prints a text into pixels.
fn print(shape: &Shape, pixels: &mut Pixels) {
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
        if x < 0 || y < 0 || x as usize >= pixels.width || y as usize >= pixels.height {
            return;
        }
        let start = (y as usize * pixels.width + x as usize) * 3;
        let Some(pixel) = pixels.rgb.get_mut(start..start + 3) else { return };
        for (old, new) in pixel.iter_mut().zip([colour.0, colour.1, colour.2]) {
            *old = (f32::from(*old) * (1.0 - cover) + f32::from(new) * cover).round() as u8;
        }
    });
}

/// The bitmap, drawn on at [`OVERSIZE`].
struct Pen<'a> {
    backend: BitMapBackend<'a>,
}

impl Pen<'_> {
    fn at(&self, place: Place) -> (i32, i32) {
        ((place.0 * SCALE).round() as i32, (place.1 * SCALE).round() as i32)
    }

    fn style(&self, colour: Rgb, width: f64) -> ShapeStyle {
        let color = RGBColor(colour.0, colour.1, colour.2).into();
        ShapeStyle { color, filled: true, stroke_width: (width * SCALE).round().max(1.0) as u32 }
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
                let radius = (radius * SCALE).round() as u32;
                self.backend.draw_circle(centre, radius, &style, true).map_err(failed)
            }
            Shape::Text { .. } => Ok(()),
        }
    }

    fn line(&mut self, points: &[Place], colour: Rgb, width: f64) -> Result<(), ChartError> {
        let points: Vec<_> = points.iter().map(|place| self.at(*place)).collect();
        let style = self.style(colour, width);
        for pair in points.windows(2) {
            if let [from, to] = pair {
                self.backend.draw_line(*from, *to, &style).map_err(failed)?;
            }
        }
        // The backend leaves joints open.
        let joints = points.get(1..points.len().saturating_sub(1)).unwrap_or_default();
        for joint in joints.iter().filter(|_| style.stroke_width > 2) {
            self.backend.draw_circle(*joint, style.stroke_width / 2, &style, true).map_err(failed)?;
        }
        Ok(())
    }
}

fn failed(error: impl Display) -> ChartError {
    ChartError::Draw(error.to_string())
}
