//! A scene as SVG: one element per shape, then the texts, which stay text.

use maud::{Markup, html};

use super::font::{self, CAPITAL, FAMILY};
use super::scene::{Anchor, Place, Rect, Rgb, Scene, Shape};

/// The file of `scene`; equal scenes give equal bytes.
pub fn svg(scene: &Scene) -> String {
    let (width, height) = (scene.width.round(), scene.height.round());
    let shapes = || scene.shapes.iter();
    let is_text = |shape: &&Shape| matches!(shape, Shape::Text { .. });
    let file = html! {
        svg xmlns="http://www.w3.org/2000/svg" width=(width) height=(height)
            viewBox={ "0 0 " (width) " " (height) } font-family=(FAMILY) stroke-linejoin="round" {
            rect width="100%" height="100%" fill="#ffffff" {}
            @for shape in shapes().filter(|shape| !is_text(shape)) { (element(shape)) }
            @for shape in shapes().filter(is_text) { (element(shape)) }
        }
    };
    file.into_string()
}

/// The element of one shape. Places are whole pixels, so that edges are sharp and neighbours leave no seam.
fn element(shape: &Shape) -> Markup {
    match shape {
        Shape::Fill { rect, colour } => {
            let Rect { left, top, right, bottom } = whole(*rect);
            html! { rect x=(left) y=(top) width=(right - left) height=(bottom - top) fill=(hex(*colour)) {} }
        }
        Shape::Frame { rect, colour, width } => {
            let Rect { left, top, right, bottom } = whole(*rect).inset(width / 2.0);
            html! {
                rect x=(left) y=(top) width=(right - left) height=(bottom - top) fill="none" stroke=(hex(*colour))
                    stroke-width=(width) stroke-linejoin="miter" {}
            }
        }
        Shape::Line { points, colour, width } => html! {
            polyline points=(list(points)) fill="none" stroke=(hex(*colour)) stroke-width=(tenths(*width)) {}
        },
        Shape::Polygon { points, colour } => html! { polygon points=(list(points)) fill=(hex(*colour)) {} },
        Shape::Disc { centre, radius, colour } => html! {
            circle cx=(centre.0.round()) cy=(centre.1.round()) r=(tenths(*radius)) fill=(hex(*colour)) {}
        },
        Shape::Text { at, text, size, colour, anchor, upward } => {
            // The width makes a text that is set in another font take the room that was left for it.
            let wide = Some(font::width(text, *size).round()).filter(|width| *width > 0.0);
            let down = size * CAPITAL / 2.0;
            let (x, y) = if *upward { (at.0 + down, at.1) } else { (at.0, at.1 + down) };
            let (x, y) = (tenths(x), tenths(y));
            html! {
                text x=(x) y=(y) font-size=(size) fill=(hex(*colour)) text-anchor=[name(*anchor)]
                    transform=[upward.then(|| format!("rotate(-90 {x} {y})"))] textLength=[wide]
                    lengthAdjust=[wide.map(|_| "spacingAndGlyphs")] { (text) }
            }
        }
    }
}

/// The name of an anchor other than the start, which goes without saying.
fn name(anchor: Anchor) -> Option<&'static str> {
    match anchor {
        Anchor::Start => None,
        Anchor::Middle => Some("middle"),
        Anchor::End => Some("end"),
    }
}

fn whole(rect: Rect) -> Rect {
    let Rect { left, top, right, bottom } = rect;
    Rect { left: left.round(), top: top.round(), right: right.round(), bottom: bottom.round() }
}

fn list(points: &[Place]) -> String {
    points.iter().map(|(x, y)| format!("{},{}", x.round(), y.round())).collect::<Vec<_>>().join(" ")
}

fn hex(Rgb(red, green, blue): Rgb) -> String {
    format!("#{red:02x}{green:02x}{blue:02x}")
}

/// To one decimal.
fn tenths(number: f64) -> f64 {
    (10.0 * number).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_become_elements_and_texts_come_last() {
        let mut scene = Scene::new(100.0, 60.4);
        scene.text_upward((10.0, 30.0), "η < \"1\" & B", 20.0, Rgb(1, 2, 255));
        scene.line(&[(0.4, 1.6), (20.0, 30.0)], Rgb(0, 0, 0), 2.0);
        scene.disc((5.0, 6.0), 8.5, Rgb(255, 255, 255));
        let file = svg(&scene);
        assert!(
            file.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"100\" height=\"60\""),
            "{file}"
        );
        assert!(
            file.contains(
                "<polyline points=\"0,2 20,30\" fill=\"none\" stroke=\"#000000\" stroke-width=\"2\">"
            )
        );
        assert!(file.contains("<circle cx=\"5\" cy=\"6\" r=\"8.5\" fill=\"#ffffff\">"), "{file}");
        let text = file.split("<text ").nth(1).unwrap();
        assert!(
            text.contains("fill=\"#0102ff\" text-anchor=\"middle\" transform=\"rotate(-90 17.3 30)\""),
            "{file}"
        );
        assert!(text.ends_with(">η &lt; &quot;1&quot; &amp; B</text></svg>"), "{file}");
    }
}
