//! Chromium without a window, spoken to through its DevTools protocol on two pipes: JSON, each message ended by a NUL.

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

/// A page in a browser.
pub(crate) struct Browser {
    process: Child,
    to: File,
    from: BufReader<File>,
    session: Option<String>,
    sent: u64,
    /// What the browser has told unasked since the page was opened.
    told: Vec<Value>,
    folder: TempDir,
}

impl Browser {
    /// Starts it, with nothing that anybody has left in it.
    pub(crate) fn start() -> Self {
        let version = Command::new("chromium").arg("--version").output();
        assert!(
            version.is_ok_and(|it| it.status.success()),
            "these tests look at pages in a browser: install chromium"
        );
        let folder = tempfile::tempdir().unwrap();
        let [commands, answers] = ["commands", "answers"].map(|name| folder.path().join(name));
        let made = Command::new("mkfifo").args([&commands, &answers]).status();
        assert!(made.is_ok_and(|status| status.success()), "mkfifo");
        let process = Command::new("sh")
            .args(["-c", r#"exec chromium "$@" 3<"$COMMANDS" 4>"$ANSWERS""#, "chromium"])
            .args([
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
            ])
            .args([
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
            ])
            .arg(format!("--user-data-dir={}", folder.path().join("user").display()))
            .args(["--remote-debugging-pipe", "about:blank"])
            .envs([("COMMANDS", &commands), ("ANSWERS", &answers)])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // In the order in which the shell opens them: each waits for its other end.
        let to = File::options().write(true).open(commands).unwrap();
        let from = BufReader::new(File::open(answers).unwrap());
        let (session, told) = (None, Vec::new());
        let mut browser = Self { process, to, from, session, sent: 0, told, folder };
        let target = browser.call("Target.createTarget", json!({ "url": "about:blank" }));
        let attach = json!({ "targetId": target["targetId"], "flatten": true });
        let session = browser.call("Target.attachToTarget", attach);
        browser.session = Some(session["sessionId"].as_str().unwrap().to_owned());
        for domain in ["Page", "Runtime", "Log", "Network", "Accessibility"] {
            browser.call(&format!("{domain}.enable"), json!({}));
        }
        browser
    }

    /// Opens a page of so many columns of pixels, in light or dark.
    pub(crate) fn open(&mut self, html: &str, width: u32, scheme: &str) {
        let path = self.folder.path().join("page.html");
        std::fs::write(&path, html).unwrap();
        let size = json!({ "width": width, "height": 740, "deviceScaleFactor": 1, "mobile": true });
        self.call("Emulation.setDeviceMetricsOverride", size);
        let scheme = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
        self.call("Emulation.setEmulatedMedia", json!({ "features": scheme }));
        self.told.clear();
        self.call("Page.navigate", json!({ "url": format!("file://{}", path.display()) }));
        while !self.told.iter().any(|it| it["method"] == "Page.loadEventFired") {
            let message = self.next();
            self.told.push(message);
        }
    }

    /// What the page has asked for besides itself, and what was complained of.
    pub(crate) fn complaints(&self) -> Vec<String> {
        let of = |message: &&Value| match message["method"].as_str() {
            Some("Network.requestWillBeSent") => message["params"]["type"] != "Document",
            Some(method) => [
                "Runtime.consoleAPICalled",
                "Runtime.exceptionThrown",
                "Log.entryAdded",
                "Page.javascriptDialogOpening",
            ]
            .contains(&method),
            None => false,
        };
        self.told.iter().filter(of).map(Value::to_string).collect()
    }

    /// What an expression is worth on the page.
    pub(crate) fn evaluate(&mut self, expression: &str) -> Value {
        let asked = json!({ "expression": expression, "returnByValue": true });
        let told = self.call("Runtime.evaluate", asked);
        assert!(told["exceptionDetails"].is_null(), "{told}");
        told["result"]["value"].clone()
    }

    /// Presses the Tab key.
    pub(crate) fn tab(&mut self) {
        for kind in ["rawKeyDown", "keyUp"] {
            let key = json!({ "type": kind, "key": "Tab", "windowsVirtualKeyCode": 9 });
            self.call("Input.dispatchKeyEvent", key);
        }
    }

    /// What a screen reader is told: role and name of each part.
    pub(crate) fn heard(&mut self) -> Vec<(String, String)> {
        let tree = self.call("Accessibility.getFullAXTree", json!({}));
        let text =
            |node: &Value, of: &str| node[of]["value"].as_str().unwrap_or_default().to_owned();
        let nodes = tree["nodes"].as_array().unwrap().iter().filter(|it| it["ignored"] == false);
        nodes.map(|node| (text(node, "role"), text(node, "name"))).collect()
    }

    fn call(&mut self, method: &str, params: Value) -> Value {
        self.sent += 1;
        let mut command = json!({ "id": self.sent, "method": method, "params": params });
        if let Some(session) = &self.session {
            command["sessionId"] = json!(session);
        }
        write!(self.to, "{command}\0").unwrap();
        loop {
            let message = self.next();
            if message["id"] == self.sent {
                assert!(message["error"].is_null(), "{method}: {message}");
                return message["result"].clone();
            }
            self.told.push(message);
        }
    }

    fn next(&mut self) -> Value {
        let mut message = Vec::new();
        self.from.read_until(0, &mut message).unwrap();
        assert_eq!(message.pop(), Some(0), "chromium ended: {:?}", self.process.try_wait());
        serde_json::from_slice(&message).unwrap()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // It ends when nobody speaks to it any more, and takes what it has started with it.
        let _ = write!(self.to, "{}\0", json!({ "id": 0, "method": "Browser.close" }));
        let _ = self.process.wait();
    }
}
