//! Pages, looked at in a browser: nothing is asked for, all is read on a telephone and in the dark, and reached by keys.

use trueline_conformance::judge::Kind;
use trueline_conformance::report::{Check, Report, html};
use trueline_conformance::target::LaunchError;
use trueline_conformance::transport::Transport::{Tcp, Udp};
use trueline_protocol::service::Service;

use super::browser::Browser;
use super::made::{check, conduct, failing, kinds, unlaunched};
use super::simulated::simulated;

const PROBE: &str = include_str!("probe.js");

/// Markup in every place that is not trueline's own.
const HOSTILE: &str = r#"</span><img src=x onerror=alert(1)><script>alert(1)</script>"'&"#;

/// Pages of every sort, each with its name.
fn pages() -> Vec<(&'static str, String)> {
    let cut = simulated(Service::Calculator, Tcp, Some("recv-is-message"));
    let udp = simulated(Service::WordLength, Udp, Some("keeps-datagram-lf"));
    let all = vec![
        ("cut", html(&cut)),
        ("clients", html(&simulated(Service::Calculator, Tcp, Some("one-client")))),
        ("datagrams", html(&udp)),
        ("right", html(&simulated(Service::Time, Tcp, None))),
        ("hostile", hostile()),
        ("unlaunched", html(&unlaunched(LaunchError::NotOnPath { name: HOSTILE.to_owned() }))),
    ];
    // For whoever wants to look.
    for (name, page) in &all {
        std::fs::write(format!("{}/{name}.html", env!("CARGO_TARGET_TMPDIR")), page).unwrap();
    }
    all
}

fn hostile() -> String {
    let mut octets = kinds(7);
    octets.push(Kind::Unable(HOSTILE.to_owned()));
    octets.insert(0, Kind::Wrong(HOSTILE.as_bytes().to_vec()));
    let check =
        Check { command: Some(HOSTILE.to_owned()), notes: vec![HOSTILE.to_owned()], ..check() };
    let mut report = failing(check, octets);
    for (at, failure) in report.cases[0].failures.iter_mut().enumerate() {
        failure.ending = (at == 0).then(|| HOSTILE.to_owned());
    }
    report.cases[0].notes = vec![HOSTILE.to_owned()];
    html(&report)
}

#[test]
fn everybody_can_read_a_page() {
    let mut browser = Browser::start();
    for (name, page) in pages() {
        for (width, scheme) in [(360, "light"), (360, "dark"), (1200, "light"), (1200, "dark")] {
            browser.open(&page, width, scheme);
            let wrong = browser.evaluate(PROBE);
            assert_eq!(wrong, serde_json::json!([]), "{name} at {width}, {scheme}");
            assert_eq!(browser.complaints(), Vec::<String>::new(), "{name}");
        }
        reached(&mut browser, name);
        heard(&mut browser, name);
    }
}

/// Whatever can be pressed is reached by Tab, and seen to be.
fn reached(browser: &mut Browser, name: &str) {
    let all = "document.querySelectorAll('a[href], summary, button, input, [tabindex]').length";
    let all = browser.evaluate(all).as_u64().unwrap();
    for at in 0..all {
        browser.tab();
        let seen = "(() => { const it = document.activeElement, style = getComputedStyle(it); \
            const news = it !== document.body && !it.reached; it.reached = true; \
            return news && style.outlineStyle !== 'none' && style.outlineWidth !== '0px'; })()";
        assert_eq!(browser.evaluate(seen), true, "{name}: {at} of {all}");
    }
}

/// Whoever hears a page finds its parts by name.
fn heard(browser: &mut Browser, name: &str) {
    let heard = browser.heard();
    for role in ["banner", "main", "contentinfo", "heading"] {
        assert!(heard.iter().any(|(it, _)| it == role), "{name} has no {role}");
    }
    let named = ["heading", "link", "region", "article", "figure", "DisclosureTriangle", "table"];
    for (role, said) in heard {
        let bare = named.contains(&role.as_str()) && said.is_empty() && role != "table";
        assert!(!bare, "{name}: a {role} without a name");
    }
}

#[test]
fn a_hostile_reply_stays_text() {
    let page = hostile();
    assert!(!page.contains("<img") && !page.contains("<script"), "{page}");
    let mut browser = Browser::start();
    browser.open(&page, 360, "light");
    let made = browser.evaluate("document.querySelectorAll('img, script, iframe').length");
    assert_eq!(made, 0);
    let shown = browser.evaluate("document.querySelector('.came .text').textContent");
    assert!(shown.as_str().unwrap().starts_with("</span><img src=x"), "{shown}");
}

/// A page runs no script even if it held one.
#[test]
fn what_the_program_did_is_told_and_stays_text() {
    let report = Report { program: Some(conduct()), ..failing(check(), vec![]) };
    let page = html(&report);
    assert!(page.contains("<pre>ready &lt;b&gt;&amp;\n</pre>"), "{page}");
    let told = [
        "The program ended with exit code 3 by itself, first in made.up",
        "The program keeps 5 connections open that the client has closed: it forgets close().",
    ];
    assert!(told.iter().all(|line| page.contains(line)), "{page}");
    assert!(!html(&failing(check(), vec![])).contains("What the program printed"));
}

#[test]
fn a_page_forbids_scripts() {
    let page = html(&failing(check(), vec![]));
    let page = page.replace("<main>", "<main><script>document.title = 'run'</script>");
    let mut browser = Browser::start();
    browser.open(&page, 360, "light");
    assert_ne!(browser.evaluate("document.title"), "run");
    assert!(browser.complaints().iter().any(|it| it.contains("Content Security Policy")));
}

#[test]
fn what_came_stands_before_what_was_due() {
    let page = html(&simulated(Service::Calculator, Tcp, Some("recv-is-message")));
    let at = |what: &str| page.find(what).unwrap_or_else(|| panic!("{what} is not shown"));
    assert!(at("class=\"advice\"") < at("<article"));
    assert!(at("class=\"out before\"") < at("class=\"cut before\""));
    assert!(at("class=\"in came\"") < at("class=\"in due\""));
}
