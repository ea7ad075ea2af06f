//! The order of a check: stage by stage, and in a stage whatever a case takes for granted before the case. What is found of
//! a case is known before the next begins, so a failure is met first where it belongs.

use std::collections::{BTreeMap, BTreeSet};

use crate::case::{Body, Case, Stage, delivered};
use crate::relies::relies_on;
use crate::report::Check;
use crate::spec::{Id, Spec};
use crate::transcript::Dialogue;

/// Generated dialogues that are looked at to see what a property takes for granted.
const SAMPLE: u32 = 8;

/// The cases in the order in which they are performed, each with its place in the suite.
pub(super) fn in_order<'c>(
    spec: &Spec,
    check: &Check,
    cases: &[&'c Case],
) -> Vec<(usize, &'c Case)> {
    let order = Order::new(spec, check, cases);
    let mut ranks = BTreeMap::new();
    let mut ordered: Vec<(usize, &Case)> = cases.iter().copied().enumerate().collect();
    ordered.sort_by_cached_key(|(index, case)| {
        let first = case.covers.first().copied();
        let rank = match case.body {
            // It takes everything for granted, so it comes last.
            Body::Delivered(_, None) => usize::MAX,
            _ => first.map_or(0, |id| order.rank(id, &mut ranks, &mut Vec::new())),
        };
        (order.stage(*index, case), rank, first, *index)
    });
    ordered
}

struct Order<'a> {
    spec: &'a Spec,
    check: &'a Check,
    /// What each case takes for granted.
    granted: Vec<BTreeSet<Id>>,
    /// The same for each requirement, all its cases together.
    before: BTreeMap<Id, BTreeSet<Id>>,
    /// The stage in which a requirement is first asked about.
    asked: BTreeMap<Id, Stage>,
}

impl<'a> Order<'a> {
    fn new(spec: &'a Spec, check: &'a Check, cases: &[&Case]) -> Self {
        let granted = cases.iter().map(|case| granted(spec, check, case)).collect();
        let mut order =
            Self { spec, check, granted, before: BTreeMap::new(), asked: BTreeMap::new() };
        for (index, case) in cases.iter().enumerate() {
            let Some(&first) = case.covers.first() else { continue };
            // To deliver everything takes everything for granted; what it is about does not.
            if !matches!(case.body, Body::Delivered(_, None)) {
                order.before.entry(first).or_default().extend(&order.granted[index]);
            }
            let stage = case.stage();
            order
                .asked
                .entry(first)
                .and_modify(|asked| *asked = stage.min(*asked))
                .or_insert(stage);
        }
        order
    }

    fn stage(&self, index: usize, case: &Case) -> Stage {
        let granted = self.granted[index].iter().filter(|&&id| {
            // What needs this requirement itself comes after it.
            !case.covers.iter().any(|covered| self.needs(id).contains(covered))
        });
        granted.filter_map(|id| self.asked.get(id)).copied().fold(case.stage(), Stage::max)
    }

    fn needs(&self, id: Id) -> BTreeSet<Id> {
        self.spec.needs(id, self.check.service, self.check.transport)
    }

    /// How many requirements, each taken for granted by the next, come before one.
    fn rank(&self, id: Id, known: &mut BTreeMap<Id, usize>, path: &mut Vec<Id>) -> usize {
        if let Some(&rank) = known.get(&id) {
            return rank;
        }
        path.push(id);
        let needs = self.needs(id);
        let relied = self.before.get(&id).into_iter().flatten().copied();
        let relied = relied.filter(|&other| !self.needs(other).contains(&id));
        let before: BTreeSet<Id> = needs.into_iter().chain(relied).collect();
        let ranks = before.into_iter().filter(|other| !path.contains(other)).collect::<Vec<_>>();
        let rank =
            ranks.into_iter().map(|other| self.rank(other, known, path) + 1).max().unwrap_or(0);
        path.pop();
        known.insert(id, rank);
        rank
    }
}

/// What a case takes for granted: what it needs, and what its dialogues rely on.
fn granted(spec: &Spec, check: &Check, case: &Case) -> BTreeSet<Id> {
    let mut granted = case.needs(spec, check.transport);
    let relied = |dialogue: Dialogue| relies_on(&dialogue, case.service, check.transport);
    match case.body {
        Body::Delivered(_, None) => {
            granted.extend(delivered::granted(case.service, check.transport))
        }
        _ => granted.extend(case.dialogues(check.seed, SAMPLE.min(check.cases)).flat_map(relied)),
    }
    if case.is_series() && case.stage() >= Stage::Errors {
        // Tells whether its dialogues may follow each other on a connection.
        granted.extend(Id::parse("FRAME-16"));
    }
    let holds = |id: Id| spec.get(id).is_some_and(|it| it.binds(check.service, check.transport));
    granted.retain(|&id| !case.covers.contains(&id) && holds(id));
    granted
}
