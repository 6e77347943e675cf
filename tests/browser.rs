//! A real browser, headless, spoken to in the DevTools protocol over its pipe.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

/// The names under which Chromium is installed.
const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/// How the browser is started: the pipe reads file 3 and writes file 4, here its standard input and output. It ends with
/// the pipe, or after two minutes.
const START: &str = "exec timeout 120 \"$0\" --headless --no-sandbox --disable-gpu --no-first-run \
                     --remote-debugging-pipe --user-data-dir=\"$1\" about:blank 3<&0 4>&1 1>/dev/null 2>/dev/null";

/// Keys without a letter, and their codes.
const KEYS: [(&str, u32); 3] = [("Enter", 13), ("Escape", 27), ("ArrowRight", 39)];

/// A browser with one page open.
pub struct Browser {
    process: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
    calls: u64,
    session: Option<String>,
    /// What the page reported, in the protocol's own words.
    pub events: Vec<Value>,
    _profile: tempfile::TempDir,
}

impl Browser {
    /// Opens a file; `None` where there is no Chromium.
    pub fn open(path: &Path) -> Option<Browser> {
        let runs =
            |name: &&&str| Command::new(name).arg("--version").output().is_ok_and(|run| run.status.success());
        let name = NAMES.iter().find(runs)?;
        let profile = tempfile::tempdir().unwrap();
        let mut process = Command::new("sh")
            .args(["-c", START, name])
            .arg(profile.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (to, from) = (process.stdin.take().unwrap(), BufReader::new(process.stdout.take().unwrap()));
        let (calls, session, events) = (0, None, Vec::new());
        let mut browser = Browser { process, to, from, calls, session, events, _profile: profile };
        let target = browser.call("Target.createTarget", json!({ "url": "about:blank" }))["targetId"].clone();
        let attached = browser.call("Target.attachToTarget", json!({ "targetId": target, "flatten": true }));
        browser.session = attached["sessionId"].as_str().map(str::to_owned);
        for domain in ["Page", "Runtime", "Log", "Network"] {
            browser.call(&format!("{domain}.enable"), json!({}));
        }
        browser.call("Page.navigate", json!({ "url": format!("file://{}", path.display()) }));
        while !browser.events.iter().any(|event| event["method"] == "Page.loadEventFired") {
            browser.read();
        }
        Some(browser)
    }

    /// Calls a method of the protocol and gives its result.
    pub fn call(&mut self, method: &str, params: Value) -> Value {
        self.calls += 1;
        let mut message = json!({ "id": self.calls, "method": method, "params": params });
        if let Some(session) = &self.session {
            message["sessionId"] = json!(session);
        }
        self.to.write_all(format!("{message}\0").as_bytes()).unwrap();
        loop {
            let read = self.read();
            if read["id"] == self.calls {
                assert!(read["error"].is_null(), "{method}: {read}");
                return read["result"].clone();
            }
        }
    }

    /// Reads one message; those that answer nothing are kept as events.
    fn read(&mut self) -> Value {
        let mut bytes = Vec::new();
        self.from.read_until(0, &mut bytes).unwrap();
        assert_eq!(bytes.pop(), Some(0), "the browser ended");
        let message: Value = serde_json::from_slice(&bytes).unwrap();
        if message["id"].is_null() {
            self.events.push(message.clone());
        }
        message
    }

    /// The value of an expression in the page.
    pub fn eval(&mut self, expression: &str) -> Value {
        let params = json!({ "expression": expression, "returnByValue": true });
        let result = self.call("Runtime.evaluate", params);
        assert!(result["exceptionDetails"].is_null(), "{expression}: {result}");
        result["result"]["value"].clone()
    }

    /// The text of the first element that a selector names.
    pub fn text(&mut self, selector: &str) -> String {
        let value = self.eval(&format!("document.querySelector({}).textContent", json!(selector)));
        value.as_str().unwrap().to_owned()
    }

    /// Presses and releases a key that has no letter.
    pub fn press(&mut self, key: &str) {
        let (_, code) = KEYS.iter().find(|(name, _)| *name == key).expect("a key of the list");
        let text = if key == "Enter" { "\r" } else { "" };
        for kind in ["keyDown", "keyUp"] {
            let text = if kind == "keyDown" { text } else { "" };
            let params = json!({
                "type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code, "text": text,
            });
            self.call("Input.dispatchKeyEvent", params);
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Killing the shell's successor, `timeout`, would leave the browser; asked to close, it ends them both.
        self.session = None;
        let _ = self.to.write_all(b"{\"id\":0,\"method\":\"Browser.close\"}\0");
        let _ = self.process.wait();
    }
}
