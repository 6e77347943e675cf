//! Where texts go so that none covers another: the one place that decides it for all charts.

use super::font;
use super::scene::{Anchor, PALE, Place, Rect, Rgb, Scene, Shape};

/// Room kept free around a label.
const CLEAR: f64 = 4.0;

/// How a label looks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Style {
    /// The size of an em.
    pub size: f64,
    /// Its colour.
    pub colour: Rgb,
}

/// The room that a text takes: from the top of its capitals to the foot of its descenders.
pub fn room(at: Place, text: &str, size: f64, anchor: Anchor, upward: bool) -> Rect {
    let wide = font::width(text, size);
    let before = match anchor {
        Anchor::Start => 0.0,
        Anchor::Middle => wide / 2.0,
        Anchor::End => wide,
    };
    let (above, below) = (0.4 * size, 0.5 * size);
    if upward {
        let bottom = at.1 + before;
        return Rect { left: at.0 - above, top: bottom - wide, right: at.0 + below, bottom };
    }
    let left = at.0 - before;
    Rect { left, top: at.1 - above, right: left + wide, bottom: at.1 + below }
}

/// The room of a text among shapes; none for any other shape.
fn text_room(shape: &Shape) -> Option<Rect> {
    match shape {
        Shape::Text { at, text, size, anchor, upward, .. } => Some(room(*at, text, *size, *anchor, *upward)),
        _ => None,
    }
}

/// Whether a label in a place would hide a shape: a text, a dot or a line that is not as pale as a grid.
fn hides(own: &Rect, shape: &Shape) -> bool {
    match shape {
        Shape::Disc { centre: (x, y), radius, .. } => {
            let dot = Rect { left: x - radius, top: y - radius, right: x + radius, bottom: y + radius };
            meet(own, &dot, CLEAR)
        }
        Shape::Line { points, colour: Rgb(red, green, blue), .. } => {
            let dark = [red, green, blue].into_iter().any(|channel| *channel < PALE.0);
            dark && points.windows(2).any(|pair| crosses(own, pair[0], pair[1]))
        }
        shape => text_room(shape).is_some_and(|other| meet(own, &other, CLEAR)),
    }
}

/// Whether a line from one place to another runs through a rectangle.
fn crosses(own: &Rect, from: Place, to: Place) -> bool {
    let (mut enters, mut leaves) = (0.0, 1.0);
    for (start, end, low, high) in [(from.0, to.0, own.left, own.right), (from.1, to.1, own.top, own.bottom)]
    {
        let step = end - start;
        if step == 0.0 {
            if start < low || start > high {
                return false;
            }
            continue;
        }
        let (near, far) = ((low - start) / step, (high - start) / step);
        enters = f64::max(enters, near.min(far));
        leaves = f64::min(leaves, near.max(far));
    }
    enters <= leaves
}

fn meet(a: &Rect, b: &Rect, clear: f64) -> bool {
    a.left < b.right + clear
        && b.left < a.right + clear
        && a.top < b.bottom + clear
        && b.top < a.bottom + clear
}

/// Writes a text at the first of some places at which it lies within `area` and covers no text, dot or line;
/// says whether there was one.
pub fn write(scene: &mut Scene, text: &str, style: Style, places: &[(Place, Anchor)], area: Rect) -> bool {
    let free = |(at, anchor): &&(Place, Anchor)| {
        let own = room(*at, text, style.size, *anchor, false);
        let inside = own.left >= area.left && own.right <= area.right && own.top >= area.top;
        inside && own.bottom <= area.bottom && !scene.shapes.iter().any(|shape| hides(&own, shape))
    };
    let Some((at, anchor)) = places.iter().find(free).copied() else { return false };
    scene.text(at, text, style.size, style.colour, anchor);
    true
}

/// Writes the labels of an axis, as many as have room: all, else every second, third … of evenly spaced ones, else each
/// that keeps clear of the last one written.
pub fn along(scene: &mut Scene, labels: &[(Place, String)], style: Style, anchor: Anchor) {
    let own = |(at, text): &(Place, String)| room(*at, text, style.size, anchor, false);
    let clear = |a: &(Place, String), b: &(Place, String)| !meet(&own(a), &own(b), 2.0 * CLEAR);
    let every = |stride: usize| -> Vec<usize> { (0..labels.len()).step_by(stride).collect() };
    let fits =
        |stride: &usize| every(*stride).windows(2).all(|pair| clear(&labels[pair[0]], &labels[pair[1]]));
    let shown = if even(labels) {
        (1..=labels.len().max(1)).find(fits).map(every).unwrap_or_default()
    } else {
        let mut shown: Vec<usize> = Vec::new();
        for index in 0..labels.len() {
            if shown.last().is_none_or(|last| clear(&labels[*last], &labels[index])) {
                shown.push(index);
            }
        }
        shown
    };
    for (at, text) in shown.into_iter().map(|index| &labels[index]) {
        scene.text(*at, text, style.size, style.colour, anchor);
    }
}

/// Whether places are about evenly spaced.
fn even(labels: &[(Place, String)]) -> bool {
    let gap = |pair: &[(Place, String)]| (pair[1].0.0 - pair[0].0.0).hypot(pair[1].0.1 - pair[0].0.1);
    let gaps = || labels.windows(2).map(gap);
    gaps().fold(0.0, f64::max) <= 1.3 * gaps().fold(f64::INFINITY, f64::min)
}

/// The pairs of texts of a scene that cover each other, and the texts that leave the canvas.
#[cfg(test)]
pub fn collisions(scene: &Scene) -> Vec<String> {
    let texts: Vec<(Rect, &str)> = scene
        .shapes
        .iter()
        .filter_map(|shape| match shape {
            Shape::Text { text, .. } if !text.is_empty() => Some((text_room(shape)?, text.as_str())),
            _ => None,
        })
        .collect();
    let mut found = Vec::new();
    for (index, (own, text)) in texts.iter().enumerate() {
        let inside =
            own.left >= 0.0 && own.top >= 0.0 && own.right <= scene.width && own.bottom <= scene.height;
        if !inside {
            found.push(format!("{text:?} leaves the canvas: {own:?}"));
        }
        for (other, words) in &texts[index + 1..] {
            if meet(own, other, -1.0) {
                found.push(format!("{text:?} {words:?}"));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::draw::scene::INK;

    const STYLE: Style = Style { size: 20.0, colour: INK };

    fn texts(scene: &Scene) -> Vec<String> {
        let text = |shape: &'_ Shape| match shape {
            Shape::Text { text, .. } => Some(text.clone()),
            _ => None,
        };
        scene.shapes.iter().filter_map(text).collect()
    }

    #[test]
    fn a_label_takes_the_first_free_place_or_none() {
        let mut scene = Scene::new(200.0, 100.0);
        let area = Rect { left: 0.0, top: 0.0, right: 200.0, bottom: 100.0 };
        let places = [((20.0, 20.0), Anchor::Start), ((20.0, 60.0), Anchor::Start)];
        assert!(write(&mut scene, "one", STYLE, &places, area));
        assert!(write(&mut scene, "two", STYLE, &places, area));
        assert!(!write(&mut scene, "three", STYLE, &places, area));
        assert!(!write(&mut scene, "outside", STYLE, &[((180.0, 90.0), Anchor::Start)], area));
        scene.disc((100.0, 20.0), 8.0, INK);
        assert!(!write(&mut scene, "dot", STYLE, &[((90.0, 20.0), Anchor::Start)], area));
        scene.line(&[(0.0, 0.0), (200.0, 100.0)], INK, 2.0);
        assert!(!write(&mut scene, "line", STYLE, &[((140.0, 80.0), Anchor::Start)], area));
        assert!(write(&mut scene, "line", STYLE, &[((150.0, 20.0), Anchor::Start)], area));
        assert!(collisions(&scene).is_empty(), "{:?}", collisions(&scene));
    }

    #[test]
    fn an_axis_without_room_shows_every_second_label() {
        let labels = |gap: f64| -> Vec<(Place, String)> {
            (0..5).map(|index| ((gap * f64::from(index), 0.0), format!("{}", 1000 << index))).collect()
        };
        let shown = |gap: f64| {
            let mut scene = Scene::new(900.0, 100.0);
            along(&mut scene, &labels(gap), STYLE, Anchor::Middle);
            texts(&scene)
        };
        assert_eq!(shown(100.0).len(), 5);
        assert_eq!(shown(45.0), ["1000", "4000", "16000"]);
    }
}
