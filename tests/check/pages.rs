//! The Python of the requirements' pages, tried in a server: each mistake is told by its requirement, and the mend keeps it.

use super::*;

use std::sync::Mutex;
use std::thread;

use trueline_conformance::page::{self, Page};
use trueline_conformance::spec::{Party, Requirement, Spec};
use trueline_conformance::transport::Transport;
use trueline_protocol::service::{Manner, Service};

/// Whose mistake no check shows for certain, and why.
const BY_CHANCE: [(&str, &str); 1] =
    [("TIME-3", "a second must begin just between two readings of the clock")];

/// The pages of what a check of a server can tell. The lines of clients are not tried: they are no whole programs.
fn testable() -> Vec<(&'static Page, &'static Requirement)> {
    let pages = page::areas().iter().flat_map(|area| &area.pages);
    let known = pages.filter_map(|page| Some((page, Spec::current().get(page.id)?)));
    let of_servers = known.filter(|(_, requirement)| requirement.party == Party::Server);
    of_servers.filter(|(_, requirement)| requirement.untested.is_none()).collect()
}

/// The verdict on a requirement of a server that is right but for these lines.
fn verdict_with(requirement: &Requirement, lines: &str) -> String {
    let id = requirement.id.to_string();
    let own = Service::ALL.iter().find(|service| service.area() == requirement.id.area());
    let shared = match requirement.manners[..] {
        [Manner::Announcement] => Service::Greeting,
        _ => Service::Calculator,
    };
    let service = own.copied().unwrap_or(shared).as_str();
    let transport = if lines.contains("serve_datagrams") { "udp" } else { "tcp" };
    let file = Script::new(lines);
    let options = ["--transport", transport, "--strict", "--only", &id];
    let (program, port) = (classroom("page/server.py"), free_port());
    let command = ["--", python(), &program, service, transport, &port, file.path()];
    check_of(service, &options, &command).verdict(&id).to_owned()
}

#[test]
fn mistakes_are_told_and_mends_keep_the_requirement() {
    let (pages, wrong) = (Mutex::new(testable()), Mutex::new(Vec::new()));
    let work = || loop {
        let next = pages.lock().unwrap().pop();
        let Some((page, requirement)) = next else { return };
        let usual = page.usual.as_ref().unwrap_or_else(|| panic!("{} has no mistake", page.id));
        let chance = BY_CHANCE.iter().any(|(id, _)| *id == page.id.to_string());
        for (what, lines, due) in
            [("mistake", &usual.mistake, "fail"), ("mend", &usual.mend, "pass")]
        {
            if what == "mistake" && chance {
                continue;
            }
            let verdict = verdict_with(requirement, lines);
            if verdict != due {
                wrong.lock().unwrap().push(format!("the {what} of {}: {verdict}", page.id));
            }
        }
    };
    thread::scope(|scope| (0..2).for_each(|_| drop(scope.spawn(work))));
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What the lines are put into breaks nothing by itself.
#[test]
fn the_server_of_the_pages_conforms() {
    for (service, transport) in Transport::kinds() {
        let (service, transport) = (service.as_str(), &*transport.to_string());
        let (program, port) = (classroom("page/server.py"), free_port());
        let command = ["--", python(), &program, service, transport, &port];
        let checked = check_of(service, &["--transport", transport, "--strict"], &command);
        checked.conforms();
    }
}
