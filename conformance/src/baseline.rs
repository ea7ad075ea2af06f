//! What is known to be broken, written down: a check then tells what is new, what has changed, what is mended, and what the
//! file says of nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::{Deserialize, Serialize};
use toml::Spanned;
use trueline_protocol::service::Service;

use crate::judge::alike::plain;
use crate::report::{Check, Finding, Report, Verdict};
use crate::settings::{self, SettingsError, Wrong};
use crate::spec::{Id, Spec};
use crate::transcript::Text;
use crate::transport::Transport;

/// What a file may say.
const EXAMPLE: &str = "\
service = \"calculator\"
transport = \"tcp\"

[[known]]
id = \"FRAME-5\"
signature = \"frame.cut: wrong, ERR syntax\"
reason = \"one recv is taken for one message; to be mended in May\"";

/// The reason of what nobody has given one.
const NO_REASON: &str = "known when the baseline was written";

/// Octets of what came that a signature has.
const CAME_MAX: usize = 60;

/// What is known to be broken in one server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Baseline {
    service: Service,
    transport: Transport,
    known: BTreeMap<Id, Known>,
    /// Ids that are of no requirement that binds the service on the transport.
    stale: BTreeSet<String>,
}

/// How a requirement is known to be broken.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Known {
    signature: String,
    reason: String,
}

/// A report held against a baseline.
#[derive(Clone, Debug)]
pub struct Held {
    /// The file, as it was given.
    pub file: String,
    /// Each requirement of which there is something to say.
    pub compared: Vec<(String, Compared)>,
}

impl Held {
    /// Whether nothing is otherwise than the baseline says.
    pub fn is_expected(&self) -> bool {
        self.compared.iter().all(|(_, compared)| compared.is_expected())
    }

    /// The reason why a requirement is known to be broken, if it is broken so.
    pub fn known(&self, id: Id) -> Option<&str> {
        let id = id.to_string();
        self.compared.iter().find_map(|(known, compared)| match compared {
            Compared::Known(reason) if *known == id => Some(reason.as_str()),
            _ => None,
        })
    }
}

/// What a baseline says of a requirement, held against what was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Compared {
    /// It is broken as it is known to be; why it is left so.
    Known(String),
    /// It is broken, and the baseline does not know.
    New,
    /// It is broken, and otherwise than the baseline knows; how it was, how it is.
    Changed(String, String),
    /// The baseline says that it is broken, and it is kept.
    Mended,
    /// There is no such requirement of this service on this transport.
    Stale,
}

impl Compared {
    /// Whether it is as the baseline says.
    pub const fn is_expected(&self) -> bool {
        matches!(self, Self::Known(_))
    }

    /// As reports for programs say it.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Known(_) => "known",
            Self::New => "new",
            Self::Changed(..) => "changed",
            Self::Mended => "mended",
            Self::Stale => "stale",
        }
    }
}

/// A file as it is written.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct File<Text, Entry> {
    service: Text,
    transport: Text,
    #[serde(default = "Vec::new")]
    known: Vec<Entry>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields, expecting = "a table with `id`, `signature` and `reason`")]
struct Entry<Text> {
    id: Text,
    signature: Text,
    reason: Text,
}

type Spelt = Spanned<String>;

impl Baseline {
    /// Nothing is known to be broken.
    pub fn empty(check: &Check) -> Self {
        let Check { service, transport, .. } = *check;
        Self { service, transport, known: BTreeMap::new(), stale: BTreeSet::new() }
    }

    /// Reads a file that is about the same service on the same transport.
    ///
    /// # Errors
    ///
    /// It cannot be read, is no such file, gives no reason, or is about something else.
    pub fn read(path: &Path, check: &Check) -> Result<Self, SettingsError> {
        let mend = "name a file that `--write-baseline` has written, or write one";
        settings::read(path, mend, |text| Self::parsed(text, check))
    }

    fn parsed(text: &str, check: &Check) -> Result<Self, Wrong> {
        let mend = format!("such a file says:\n\n{EXAMPLE}");
        let file: File<Spelt, Entry<Spelt>> = settings::from_toml(text, &mend)?;
        for (what, said, asked) in [
            ("service", &file.service, check.service.to_string()),
            ("transport", &file.transport, check.transport.to_string()),
        ] {
            if *said.get_ref() != asked {
                let what = format!("it is about another {what} than {asked}");
                return Err(Wrong::new(what, "keep a baseline for each", Some(said.span())));
            }
        }
        let mut baseline = Self::empty(check);
        let mut places: BTreeMap<String, std::ops::Range<usize>> = BTreeMap::new();
        for Entry { id, signature, reason } in file.known {
            if let Some(first) = places.insert(id.get_ref().clone(), id.span()) {
                let twice = Wrong::new(
                    format!("{} stands here twice", id.get_ref()),
                    "leave one of them",
                    Some(first),
                );
                return Err(Wrong { again: Some(id.span()), ..twice });
            }
            if reason.get_ref().trim().is_empty() {
                let mend = "say why it is left broken, for whoever reads this next";
                return Err(Wrong::new("no reason is given", mend, Some(reason.span())));
            }
            let known = Known { signature: signature.into_inner(), reason: reason.into_inner() };
            let bound = Id::parse(id.get_ref())
                .and_then(|id| Spec::current().get(id))
                .filter(|it| it.binds(check.service, check.transport));
            match bound {
                Some(requirement) => drop(baseline.known.insert(requirement.id, known)),
                None => drop(baseline.stale.insert(id.into_inner())),
            }
        }
        Ok(baseline)
    }

    /// Holds a report against it; `file` is what reports call it.
    pub fn held(&self, file: String, report: &Report) -> Held {
        let found = report.requirements.iter().filter_map(|finding| {
            let id = finding.requirement.id;
            self.finding(report, finding).map(|compared| (id.to_string(), compared))
        });
        let stale = self.stale.iter().map(|id| (id.clone(), Compared::Stale));
        Held { file, compared: found.chain(stale).collect() }
    }

    fn finding(&self, report: &Report, finding: &Finding) -> Option<Compared> {
        let id = finding.requirement.id;
        match (finding.verdict, self.known.get(&id)) {
            (Verdict::Pass, Some(_)) => Some(Compared::Mended),
            (Verdict::Fail, Some(known)) => {
                let now = signature(report, id);
                Some(if now == known.signature {
                    Compared::Known(known.reason.clone())
                } else {
                    Compared::Changed(known.signature.clone(), now)
                })
            }
            (Verdict::Fail, None) if report.counts(finding.requirement.level) => {
                Some(Compared::New)
            }
            // What was not asked, or not reached, is as it was.
            _ => None,
        }
    }

    /// The file that says what a report found; the reasons of what was known are kept, and so is what was not asked about.
    pub fn renewed(&self, report: &Report) -> String {
        let mut known = self.known.clone();
        for Finding { requirement, verdict, .. } in &report.requirements {
            let before = known.remove(&requirement.id);
            let reason = before.as_ref().map(|known| known.reason.clone());
            let now = match verdict {
                Verdict::Fail => Some(Known {
                    signature: signature(report, requirement.id),
                    reason: reason.unwrap_or_else(|| NO_REASON.to_owned()),
                }),
                Verdict::Pass => None,
                _ => before,
            };
            known.extend(now.map(|now| (requirement.id, now)));
        }
        let entry = |(id, Known { signature, reason }): (Id, Known)| Entry {
            id: id.to_string(),
            signature,
            reason,
        };
        let file = File {
            service: self.service.to_string(),
            transport: self.transport.to_string(),
            known: known.into_iter().map(entry).collect(),
        };
        toml::to_string(&file).expect("strings can be written")
    }
}

/// How a requirement shows that it is broken: in which case, in what way, and what came, but for its numbers: others would
/// come with another seed.
fn signature(report: &Report, id: Id) -> String {
    let Some((case, failure)) = report.to_show(id) else { return String::new() };
    let kind = &failure.seen.fault.kind;
    let mut came: Vec<u8> = Vec::new();
    for octet in plain(kind.octets(), report.check.service) {
        let digitless = if octet.is_ascii_digit() { b'0' } else { octet };
        if digitless != b'0' || came.last() != Some(&b'0') {
            came.push(digitless);
        }
    }
    came.truncate(CAME_MAX);
    match came.is_empty() {
        true => format!("{}: {}", case.name, kind.word()),
        false => format!("{}: {}, {}", case.name, kind.word(), Text::octets(came)),
    }
}
