//! Every series of the suite, delivered in each way that its transport knows: nothing new is asked, and the replies must be
//! those that the same requests get when each is sent whole.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use trueline_protocol::service::Service;

use super::{Body, Case, of};
use crate::delivery::{Delivery, Series};
use crate::relies::relies_on;
use crate::service::plain;
use crate::spec::Id;
use crate::transcript::Dialogue;
use crate::transport::Transport;

/// Of so many generated dialogues of a property one is delivered in each way.
const GENERATED: u32 = 32;

/// Most messages of a series: more of them are a delivery of their own, and take a slow server seconds.
const MESSAGES_MAX: usize = 64;

/// The cases.
pub(super) fn cases(service: Service) -> Vec<Case> {
    let case = |delivery: Delivery| Case {
        name: format!("frame.deliver.{delivery}"),
        covers: Id::parse(delivery.about()).into_iter().collect(),
        needs: delivery.needs().into_iter().filter_map(Id::parse).collect(),
        service,
        transport: Some(delivery.transport()),
        body: Body::Delivered(delivery, None),
    };
    Delivery::ALL.into_iter().map(case).collect()
}

/// What a delivery makes of one series in each way that there is.
pub(super) fn ways(
    delivery: Delivery,
    dialogue: &Dialogue,
    case: &Case,
    seed: u64,
) -> Vec<Dialogue> {
    let series = Series::of(dialogue, delivery.transport());
    let (questions, mut choices) = (plain(case.service).0, case.runner(seed));
    series.map(|series| delivery.ways(&series, questions, &mut choices)).unwrap_or_default()
}

/// What a delivery makes of the whole suite: of every written series, in an order that the seed tells, and then of one
/// generated dialogue of each property after the other, as many as `count` of each allow.
pub(super) fn dialogues(
    delivery: Delivery,
    case: &Case,
    seed: u64,
    count: u32,
) -> impl Iterator<Item = Dialogue> {
    let transport = delivery.transport();
    let mut choices = case.runner(seed);
    let written = &written()[&(case.service, transport)];
    let order = Just((0..written.len()).collect::<Vec<_>>()).prop_shuffle();
    let order = order.new_tree(&mut choices).map_or_else(|_| Vec::new(), |tree| tree.current());
    let mut series = order
        .into_iter()
        .map(|at| written[at].clone())
        .chain(generated(case.service, transport, seed, count))
        .filter(move |_| count > 0);
    let questions = plain(case.service).0;
    std::iter::from_fn(move || {
        let together: Vec<Series> = series.by_ref().take(delivery.takes()).collect();
        (!together.is_empty()).then(|| Series::joined(&together))
    })
    .filter_map(move |series| delivery.deliver(&series, questions, &mut choices))
}

/// What the written series of a service take for granted.
pub(crate) fn granted(service: Service, transport: Transport) -> impl Iterator<Item = Id> {
    let series = written()[&(service, transport)].iter();
    series.flat_map(move |it| relies_on(&it.whole(transport), service, transport))
}

/// The written series of each service on each transport.
fn written() -> &'static BTreeMap<(Service, Transport), Vec<Series>> {
    static WRITTEN: LazyLock<BTreeMap<(Service, Transport), Vec<Series>>> = LazyLock::new(|| {
        Transport::kinds()
            .map(|(service, transport)| ((service, transport), series(service, transport)))
            .collect()
    });
    &WRITTEN
}

fn series(service: Service, transport: Transport) -> Vec<Series> {
    let written = asked(service, transport).filter(|case| matches!(case.body, Body::Written(_)));
    let dialogues = written.flat_map(|case| case.dialogues(0, 1));
    let series = dialogues.filter_map(|dialogue| Series::of(&dialogue, transport));
    series.filter(|series| series.messages() <= MESSAGES_MAX).collect()
}

/// The first dialogue of every property, then the second of each, and so on.
fn generated(
    service: Service,
    transport: Transport,
    seed: u64,
    count: u32,
) -> impl Iterator<Item = Series> {
    let rounds = count.div_ceil(GENERATED);
    let properties = asked(service, transport).filter(|case| case.is_generated_series());
    let mut properties: Vec<_> = properties.map(|case| case.dialogues(seed, rounds)).collect();
    let dialogues = (0..rounds)
        .flat_map(move |_| properties.iter_mut().filter_map(Iterator::next).collect::<Vec<_>>());
    dialogues.filter_map(move |dialogue| Series::of(&dialogue, transport))
}

/// The cases that deliver nothing themselves. What the right time is depends on when it is asked for.
fn asked(service: Service, transport: Transport) -> impl Iterator<Item = &'static Case> {
    let on = move |case: &&Case| case.transport.is_none_or(|only| only == transport);
    let own = |case: &&Case| !matches!(case.body, Body::Delivered(..));
    let timeless = |case: &&Case| !case.dialogues(0, 1).any(|it| it.tells_time());
    of(service).iter().filter(on).filter(own).filter(timeless)
}
