//! The report as a page, opened in a real browser.

use serde_json::{Value, json};

use crate::browser::Browser;
use crate::skipped::skipped;
use crate::support::Bench;

/// A study of twelve trials, four of which diverge.
fn study() -> Bench {
    let bench = Bench::new();
    bench.ok("grid lr=0.1,0.5,1e3 batch=64,128 --steps 40 --replicates 2 --report-every 10st --name p");
    bench
}

#[test]
fn the_page_works_in_a_browser() {
    let bench = study();
    let Some(mut browser) = Browser::open(&bench.path("results/p/report.html")) else {
        return skipped("report.html in a browser", "there is no Chromium here");
    };
    renders(&mut browser);
    sorts(&mut browser);
    filters(&mut browser);
    tiles_show_their_trials(&mut browser);
    adapts(&mut browser);
    fits_a_telephone(&mut browser);
    nothing_went_wrong(&browser);
}

fn renders(browser: &mut Browser) {
    assert_eq!(browser.eval("document.title"), "p · sweep");
    assert!(browser.text("#verdict").contains("diverged"));
    let charts =
        "[...document.querySelectorAll('figure svg')].filter(s => s.getBoundingClientRect().height > 200)";
    assert!(browser.eval(&format!("{charts}.length")).as_u64().unwrap() >= 4);
    assert_eq!(browser.eval("document.querySelectorAll('#trials tbody tr').length"), 12);
    // Nothing is wider than the window.
    assert_eq!(browser.eval("document.documentElement.scrollWidth <= window.innerWidth"), true);
}

/// The column of the table under a heading, as numbers; null where there is none.
fn column(browser: &mut Browser, heading: &str) -> Vec<Option<f64>> {
    let script = format!(
        "(() => {{ const heads = [...document.querySelectorAll('#trials th')];
        const at = heads.findIndex(head => head.textContent === {});
        return [...document.querySelectorAll('#trials tbody tr')].map(row => row.cells[at].textContent); }})()",
        json!(heading)
    );
    let values = browser.eval(&script);
    values.as_array().unwrap().iter().map(|text| text.as_str().unwrap().parse().ok()).collect()
}

fn sorts(browser: &mut Browser) {
    let head =
        "[...document.querySelectorAll('#trials th')].find(head => head.textContent === 'validation loss')";
    browser.eval(&format!("{head}.querySelector('button').focus()"));
    for (order, sign) in [("ascending", 1.0), ("descending", -1.0)] {
        browser.press("Enter");
        assert_eq!(browser.eval(&format!("{head}.ariaSort")), order);
        let values = column(browser, "validation loss");
        let known: Vec<f64> = values.iter().map_while(|value| *value).collect();
        assert!(known.len() >= 8 && known.is_sorted_by(|a, b| sign * a <= sign * b), "{values:?}");
        assert!(values[known.len()..].iter().all(Option::is_none), "what diverged comes last: {values:?}");
    }
}

fn filters(browser: &mut Browser) {
    browser.eval("document.getElementById('filter').focus()");
    browser.call("Input.insertText", json!({ "text": "batch=64 diverged" }));
    assert_eq!(browser.text("#count"), "2 of 12 trials");
    assert_eq!(column(browser, "batch"), [Some(64.0), Some(64.0)]);
    assert_eq!(column(browser, "lr"), [Some(1000.0), Some(1000.0)]);
}

fn tiles_show_their_trials(browser: &mut Browser) {
    assert_eq!(browser.eval("document.querySelectorAll('.tile').length"), 6);
    browser.eval("document.querySelector('.tile[tabindex=\"0\"]').focus()");
    let hint = browser.text("#tip");
    assert_eq!(browser.eval("document.getElementById('tip').hidden"), false);
    assert!(hint.contains("lr=0.1") && hint.contains("seed 0") && hint.contains("seed 1"), "{hint}");
    browser.press("ArrowRight");
    let hint = browser.text("#tip");
    assert!(hint.contains("lr=0.5"), "{hint}");
    browser.press("Enter");
    assert_eq!(browser.eval("document.getElementById('curve').open"), true);
    assert!(browser.text("#curve h2").contains("lr=0.5"));
    assert_eq!(browser.eval("document.querySelectorAll('#curve svg polyline').length"), 2, "a line a seed");
    browser.press("Escape");
    assert_eq!(browser.eval("document.getElementById('curve').open"), false);
}

/// Dark where the reader's system is, and without what only moves on paper.
fn adapts(browser: &mut Browser) {
    let media = |browser: &mut Browser, media: &str, scheme: &str| {
        let features = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
        browser.call("Emulation.setEmulatedMedia", json!({ "media": media, "features": features }));
    };
    let ground = |browser: &mut Browser, of: &str| {
        browser.eval(&format!("getComputedStyle(document.querySelector('{of}')).backgroundColor"))
    };
    media(browser, "screen", "light");
    assert_eq!(ground(browser, "body"), "rgb(255, 255, 255)");
    media(browser, "screen", "dark");
    assert_eq!(ground(browser, "body"), "rgb(13, 17, 23)");
    assert_eq!(ground(browser, ".card"), "rgb(255, 255, 255)", "charts are drawn for a light ground");
    media(browser, "print", "dark");
    assert_eq!(ground(browser, "body"), "rgb(255, 255, 255)");
    assert_eq!(browser.eval("getComputedStyle(document.querySelector('.filter')).display"), "none");
}

/// In a window 400 pixels wide nothing but tables is to be scrolled sideways, and no text is smaller than 11 pixels.
fn fits_a_telephone(browser: &mut Browser) {
    browser.call("Emulation.setEmulatedMedia", json!({ "media": "screen" }));
    let size = json!({ "width": 400, "height": 800, "deviceScaleFactor": 1, "mobile": false });
    browser.call("Emulation.setDeviceMetricsOverride", size);
    assert_eq!(browser.eval("document.documentElement.scrollWidth <= window.innerWidth"), true);
    assert_eq!(browser.eval("window.innerWidth"), 400);
    // What a text is drawn with: its own size, scaled as the picture is.
    let sizes = "[...document.querySelectorAll('body *')]
        .filter(e => e.getClientRects().length && [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()))
        .map(e => [parseFloat(getComputedStyle(e).fontSize) * (e.getScreenCTM ? scale(e.getScreenCTM()) : 1), e.textContent])
        .sort((a, b) => a[0] - b[0])[0]";
    browser.eval("scale = (m) => Math.hypot(m.a, m.b)");
    let smallest = browser.eval(sizes);
    assert!(smallest[0].as_f64().unwrap() >= 11.0, "{smallest}");
    assert!(browser.eval("document.querySelectorAll('figure .narrow svg').length").as_u64().unwrap() >= 4);
    assert_eq!(browser.eval("document.querySelector('figure .wide').getClientRects().length"), 0);
    browser.call("Emulation.clearDeviceMetricsOverride", json!({}));
}

/// No error in the console, no exception, and no request but for the file itself.
fn nothing_went_wrong(browser: &Browser) {
    let of = |method: &str| -> Vec<&Value> {
        browser.events.iter().filter(|event| event["method"] == method).collect()
    };
    for method in ["Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded"] {
        assert!(of(method).is_empty(), "{:?}", of(method));
    }
    for request in of("Network.requestWillBeSent") {
        let url = request["params"]["request"]["url"].as_str().unwrap();
        assert!(
            url.starts_with("file://") && url.ends_with("/report.html") || url.starts_with("data:"),
            "{url}"
        );
    }
    assert!(!of("Network.requestWillBeSent").is_empty());
}

#[test]
fn the_command_on_the_page_gives_the_same_trials() {
    let bench = study();
    let page = std::fs::read_to_string(bench.path("results/p/report.html")).unwrap();
    let command = page.split("<code>sweep ").last().unwrap().split("</code>").next().unwrap();
    bench.ok(&format!("{command} --name again"));
    assert_eq!(bench.results("p")["trials"], bench.results("again")["trials"]);
}
