//! The suite: what is asked of a target. Cases are written as transcripts, in SPEC.md and beside this file, or generated.

mod calculator;
mod chat;
pub(crate) mod delivered;
mod error;
mod frame;
mod message;
mod spoken;
mod stage;
mod time;
mod word_length;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use proptest::strategy::{BoxedStrategy, Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use sha2::{Digest, Sha256};
use trueline_protocol::service::{Manner, Service, UnknownService};

pub(crate) use spoken::moved;
pub use stage::Stage;

use crate::delivery::{Delivery, Series, UnknownDelivery};
use crate::dialect::Dialect;
use crate::spec::{Id, Spec};
use crate::transcript::{self, Act, Dialogue, Step, Transcript};
use crate::transport::Transport;

/// How often a dialogue is drawn that is like the one before, until another comes.
const REDRAWN: usize = 16;

/// One case.
pub struct Case {
    /// Its permanent name.
    pub name: String,
    /// What it covers. A failure breaks the first, unless the failure itself tells another.
    pub covers: Vec<Id>,
    /// What it needs besides what the requirements it covers need.
    pub needs: Vec<Id>,
    /// Its service.
    pub service: Service,
    /// The transport it is for; both when `None`.
    pub transport: Option<Transport>,
    /// What is performed.
    pub body: Body,
}

/// What a case performs.
pub enum Body {
    /// A written dialogue.
    Written(Dialogue),
    /// Generated dialogues.
    Generated(Property),
    /// A written series delivered in each way that there is, or, where there is none, every series of the suite.
    Delivered(Delivery, Option<Dialogue>),
}

/// A source of dialogues that all must hold.
pub struct Property {
    /// Makes the strategy for a service.
    pub dialogues: fn(Service) -> BoxedStrategy<Dialogue>,
    /// The hazard of what it makes.
    pub stage: Stage,
    /// Whether a generated dialogue may follow another on its connection.
    pub series: bool,
}

impl Case {
    /// The hazard of what the case does.
    pub fn stage(&self) -> Stage {
        match &self.body {
            Body::Generated(property) => property.stage,
            Body::Delivered(_, Some(dialogue)) => Stage::of(dialogue).max(Stage::Deliveries),
            // Among all that is asked there are octets that are not text.
            Body::Delivered(_, None) => Stage::Junk,
            Body::Written(dialogue) if self.comes_apart() => {
                dialogue.parts().iter().map(Stage::of).max().unwrap_or(Stage::One)
            }
            Body::Written(dialogue) => Stage::of(dialogue),
        }
    }

    /// Takes a written dialogue for one in the words of a dialect.
    pub fn in_words_of(&mut self, dialect: Option<&'static Dialect>) {
        if let (Body::Written(dialogue), Some(dialect)) = (&mut self.body, dialect) {
            dialogue.framing = Some(dialect.framing());
        }
    }

    /// Whether the parts of a written dialogue may be performed on connections of their own, or one after the other on
    /// one: nothing in it is about connections, or about one time after the other.
    pub fn comes_apart(&self) -> bool {
        let Body::Written(dialogue) = &self.body else { return false };
        let is_shared = |id: &Id| id.area() == "FRAME";
        dialogue.framing.is_none() && !dialogue.tells_time() && !self.covers.iter().any(is_shared)
    }

    /// What must hold before the case is performed: what its requirements need, at any remove.
    pub fn needs(&self, spec: &Spec, transport: Transport) -> BTreeSet<Id> {
        let needs = |id| spec.needs(id, self.service, transport);
        let own = self.covers.iter().flat_map(|&id| needs(id));
        let extra = self.needs.iter().flat_map(|&id| needs(id).into_iter().chain([id]));
        let mut needs: BTreeSet<Id> = own.chain(extra).collect();
        needs.retain(|id| !self.covers.contains(id));
        needs
    }

    /// Whether every requirement that it covers binds its service, on one transport at least.
    fn binds(&self, spec: &Spec) -> bool {
        let transports = [Transport::Tcp, Transport::Udp].into_iter();
        let mut transports = transports.filter(|it| self.transport.is_none_or(|only| only == *it));
        transports.any(|transport| {
            let binds = |id: &Id| spec.get(*id).is_some_and(|it| it.binds(self.service, transport));
            self.covers.iter().all(binds)
        })
    }

    /// The first `count` generated dialogues, the same for the same seed whatever else is performed; or the written one.
    pub fn dialogues(&self, seed: u64, count: u32) -> Box<dyn Iterator<Item = Dialogue> + '_> {
        match &self.body {
            Body::Written(dialogue) if self.comes_apart() => Box::new(dialogue.parts().into_iter()),
            Body::Written(dialogue) => Box::new(std::iter::once(dialogue.clone())),
            Body::Generated(property) => {
                let strategy = (property.dialogues)(self.service);
                let mut runner = self.runner(seed);
                let mut made = std::iter::from_fn(move || {
                    strategy.new_tree(&mut runner).ok().map(|tree| tree.current())
                });
                let mut last = None;
                Box::new((0..count).filter_map(move |_| {
                    // To answer the same request twice is a matter of its own (FRAME-34).
                    last = made.by_ref().take(REDRAWN).find(|it| last.as_ref() != Some(it));
                    last.clone()
                }))
            }
            Body::Delivered(delivery, None) => {
                Box::new(delivered::dialogues(*delivery, self, seed, count))
            }
            Body::Delivered(delivery, Some(dialogue)) => {
                Box::new(delivered::ways(*delivery, dialogue, self, seed).into_iter())
            }
        }
    }

    /// Whether what the program prints is part of it.
    pub fn watches_output(&self) -> bool {
        match &self.body {
            Body::Written(dialogue) => dialogue.watches_output(),
            Body::Generated(_) => self.dialogues(0, 1).any(|it| it.watches_output()),
            Body::Delivered(..) => false,
        }
    }

    /// Whether something is typed to the program in it.
    pub fn is_typed_to(&self) -> bool {
        match &self.body {
            Body::Written(dialogue) => dialogue.is_typed_to(),
            Body::Generated(_) => self.dialogues(0, 1).any(|it| it.is_typed_to()),
            Body::Delivered(..) => false,
        }
    }

    /// Whether it is many dialogues, of which a slow target is asked the first.
    pub fn is_many(&self) -> bool {
        self.comes_apart() || !matches!(self.body, Body::Written(_))
    }

    /// Whether its dialogues are others, delivered otherwise.
    pub fn is_delivered(&self) -> bool {
        matches!(self.body, Body::Delivered(..))
    }

    fn is_generated_series(&self) -> bool {
        matches!(&self.body, Body::Generated(property) if property.series)
    }

    /// Whether a dialogue of this case may follow another on its connection.
    pub fn is_series(&self) -> bool {
        match &self.body {
            Body::Generated(property) => property.series,
            Body::Delivered(delivery, _) => delivery.goes_on(),
            Body::Written(_) => self.comes_apart(),
        }
    }

    fn runner(&self, seed: u64) -> TestRunner {
        let digest = Sha256::new().chain_update(seed.to_le_bytes()).chain_update(&self.name);
        let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &digest.finalize());
        // Filters may reject as often as they like: how many dialogues there are is for whoever asks.
        let config = Config {
            max_local_rejects: u32::MAX,
            max_global_rejects: u32::MAX,
            ..Config::default()
        };
        TestRunner::new_with_rng(config, rng)
    }

    /// A case from a transcript. One that does not say so is about this service.
    ///
    /// # Errors
    ///
    /// What is wrong with its keys, in words.
    pub fn written(transcript: &Transcript, spec: &Spec, service: Service) -> Result<Self, String> {
        let ids = |names: &[String]| {
            let find = |name: &String| {
                let requirement = spec.find(name);
                requirement
                    .map(|it| it.id)
                    .ok_or_else(|| format!("no requirement `{name}` is in SPEC.md"))
            };
            names.iter().map(find).collect::<Result<Vec<Id>, String>>()
        };
        let expects = |step: &Step| {
            use Act::{Closed, Exited, Expect, Printed, Quiet, WasReset};
            matches!(step.act, Expect { .. } | Closed | WasReset | Quiet | Exited | Printed(_))
        };
        if !transcript.dialogue.steps.iter().any(expects) {
            return Err("it expects nothing, so it could not fail".to_owned());
        }
        let service = transcript.service.as_deref().map_or(Ok(service), str::parse);
        let service: Service = service.map_err(|error: UnknownService| error.to_string())?;
        let transport = transcript.transport.as_deref().map(str::parse).transpose();
        let transport: Option<Transport> =
            transport.map_err(|error: crate::transport::UnknownTransport| error.to_string())?;
        let delivery = transcript.deliver.as_deref().map(str::parse).transpose();
        let delivery: Option<Delivery> =
            delivery.map_err(|error: UnknownDelivery| error.to_string())?;
        Ok(Self {
            name: transcript.name.clone(),
            covers: ids(&transcript.covers)?,
            needs: ids(&transcript.needs)?,
            service,
            transport: transport
                .or_else(|| delivery.map(Delivery::transport))
                .or_else(|| Transport::only(service)),
            body: match delivery {
                None => Body::Written(transcript.dialogue.clone()),
                Some(delivery) => delivered(delivery, transport, &transcript.dialogue)?,
            },
        })
    }
}

/// A written dialogue to be delivered.
fn delivered(
    delivery: Delivery,
    transport: Option<Transport>,
    dialogue: &Dialogue,
) -> Result<Body, String> {
    let on = delivery.transport();
    if transport.is_some_and(|transport| transport != on) {
        return Err(format!("`deliver {delivery}` is for {}", on.acronym()));
    }
    match Series::of(dialogue, on) {
        Some(_) => Ok(Body::Delivered(delivery, Some(dialogue.clone()))),
        None => Err(format!(
            "`deliver {delivery}` takes requests of one client and a reply to each, and nothing else"
        )),
    }
}

/// Every case of the suite, service by service, each in the order of the requirements that it covers. What services share
/// is there once for each, under the same name.
pub fn all() -> impl Iterator<Item = &'static Case> {
    Service::ALL.iter().flat_map(|&service| of(service))
}

/// The cases of a service, in the order of the requirements that they cover.
pub fn of(service: Service) -> &'static [Case] {
    static ALL: LazyLock<BTreeMap<Service, Vec<Case>>> = LazyLock::new(|| {
        Service::ALL.iter().map(|&service| (service, collected(service))).collect()
    });
    &ALL[&service]
}

fn collected(service: Service) -> Vec<Case> {
    let spec = Spec::current();
    let mut cases: Vec<Case> =
        written().iter().filter_map(|transcript| said(transcript, service)).collect();
    let shared = [frame::cases(service), error::cases(service), delivered::cases(service)];
    let shared = shared.into_iter().flatten();
    cases.extend(shared.filter(|case| case.binds(spec)));
    cases.extend(own(service));
    cases.sort_by_key(|case| case.covers.first().copied());
    cases
}

/// The generated cases of a service's own section.
fn own(service: Service) -> Vec<Case> {
    match service {
        Service::Calculator => calculator::cases(),
        Service::WordLength => word_length::cases(),
        Service::Message => message::cases(),
        Service::Greeting | Service::Connect => Vec::new(),
        Service::Time => time::cases(),
        Service::Chat => chat::cases(),
    }
}

/// The written cases besides the examples of SPEC.md.
const FILES: [(&str, &str); 8] = [
    ("frame.transcript", include_str!("frame.transcript")),
    ("error.transcript", include_str!("error.transcript")),
    ("calculator.transcript", include_str!("calculator.transcript")),
    ("word_length.transcript", include_str!("word_length.transcript")),
    ("message.transcript", include_str!("message.transcript")),
    ("time.transcript", include_str!("time.transcript")),
    ("chat.transcript", include_str!("chat.transcript")),
    ("connect.transcript", include_str!("connect.transcript")),
];

/// Every written case, the examples of SPEC.md first.
fn written() -> &'static [Transcript] {
    static WRITTEN: LazyLock<Vec<Transcript>> = LazyLock::new(|| {
        let files = FILES.iter().flat_map(|(file, text)| {
            transcript::parse(file, text)
                .unwrap_or_else(|error| panic!("{file}:{}: {error}", error.line()))
        });
        Spec::current().examples().iter().cloned().chain(files).collect()
    });
    &WRITTEN
}

/// Whether a case belongs to all services that its requirements bind, each in its own words (SPEC.md 1.4). Any other is of
/// the service that it is named after.
fn is_shared(name: &str) -> bool {
    name.starts_with("frame.") || name.starts_with("err.")
}

/// A written case as one of a service, if it is.
fn said(transcript: &Transcript, service: Service) -> Option<Case> {
    let spec = Spec::current();
    if !is_shared(&transcript.name) {
        let (named, _) = transcript.name.split_once('.')?;
        return (named == service.as_str()).then(|| known(transcript, spec, service));
    }
    let mut case = known(transcript, spec, Service::Calculator);
    let written = std::mem::replace(&mut case.service, service);
    if service.manner() == Manner::Announcement && written.manner() == Manner::Conversation {
        // On connections an announcement has words of its own.
        if case.transport == Some(Transport::Tcp) {
            return None;
        }
        case.transport = Some(Transport::Udp);
    }
    if written.manner() == Manner::Announcement && service.manner() == Manner::Conversation
        || !case.binds(spec)
    {
        return None;
    }
    let transport = case.transport.unwrap_or(Transport::Tcp);
    if let Body::Written(dialogue) | Body::Delivered(_, Some(dialogue)) = &mut case.body {
        *dialogue = spoken::spoken(dialogue, written, service, transport)
            .unwrap_or_else(|| panic!("case {}: {service} has no words for it", transcript.name));
    }
    Some(case)
}

/// A case that is part of the suite; a test reads them all.
fn known(transcript: &Transcript, spec: &Spec, service: Service) -> Case {
    Case::written(transcript, spec, service)
        .unwrap_or_else(|error| panic!("case {}: {error}", transcript.name))
}

/// Builds a generated case. `covers` holds ids of SPEC.md, separated by blanks.
fn generated(
    service: Service,
    name: &str,
    covers: &str,
    transport: Option<Transport>,
    stage: Stage,
    series: bool,
    dialogues: fn(Service) -> BoxedStrategy<Dialogue>,
) -> Case {
    let covers = covers.split(' ').map(|id| Id::parse(id).expect("an id of SPEC.md")).collect();
    Case {
        name: name.to_owned(),
        covers,
        needs: Vec::new(),
        service,
        transport,
        body: Body::Generated(Property { dialogues, stage, series }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_performed_as_it_is_written_is_refused() {
        for (key, mend) in [
            ("covers FRAME-99", "no requirement `FRAME-99`"),
            ("service echo", "no such service"),
            ("deliver sliced", "no delivery is called `sliced`"),
            ("transport udp\ndeliver octets", "`deliver octets` is for TCP"),
            ("deliver cut\n! open", "requests of one client and a reply to each"),
            ("covers FRAME-1\n> 1 2 +\n\ncase b", "expects nothing"),
        ] {
            let text = format!("case a\n{key}\n> 1 2 +\n< 3\n");
            let written = transcript::parse("test", &text).unwrap().remove(0);
            let error =
                Case::written(&written, Spec::current(), Service::Calculator).err().unwrap();
            assert!(error.contains(mend), "{error}");
        }
    }
}
