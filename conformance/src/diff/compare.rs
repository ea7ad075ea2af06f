//! Goes through the cases, looks into what differs, and searches the smallest dialogue that shows it.

use std::time::{Duration, Instant};

use super::heard::Tongue;
use super::trial::{Stage, Trial};
use super::{Asked, Comparison, Difference, Event, Side, Stop, Which};
use crate::case::{Body, Case};
use crate::dialogue::Ending;
use crate::judge::Kind;
use crate::service::ending;
use crate::target::Lifetime;
use crate::transcript::{Act, Dialogue};

/// Dialogues of a property that are performed however slow the targets are.
const PREFIX_MIN: u32 = 4;
/// Dialogues in a row in which neither says anything, after which the rest of their case is left.
const SILENT_MAX: u32 = 3;
/// The same, after which it is seen whether either still answers what it has answered before.
const ALL_SILENT_MAX: u32 = 9;
/// Differences of a case that do not recur, after which the rest of it is left.
const ONCE_MAX: usize = 3;
/// Dialogues after which somebody must have answered one.
const DUMB_MAX: u64 = 20;
/// Dialogues in a row after which neither closes a connection, until clients do.
const OPEN_MAX: u32 = 3;
/// Differences after which no more are looked for.
const ENOUGH: usize = 20;
/// Differences in which a program has ended, after which no more are looked for: it can be launched only so often.
const ENOUGH_ENDED: usize = 4;
/// Launches that are kept for looking into what differs.
const SPARE: u32 = 8;
/// How long others are looked for when there is one.
const LOOKING_ON: Duration = Duration::from_secs(2);

/// Asks both the dialogues of these cases, stage by stage, and says what came of it.
pub async fn diff(
    sides: [&Side; 2],
    asked: &Asked,
    cases: &[&Case],
    on: &mut dyn FnMut(Event<'_>),
) -> Comparison {
    let stage = Stage {
        sides,
        tongue: Tongue { service: asked.service, dialect: asked.dialect },
        transport: asked.transport,
        ending: ending(asked.service, asked.transport),
    };
    let mut comparer = Comparer {
        stage,
        asked,
        found: Comparison::default(),
        began: Instant::now(),
        differed: None,
        last: None,
        answered: None,
        silent: 0,
        open: 0,
    };
    let stopped = comparer.all(cases, on).await.err();
    comparer.found.stopped = stopped;
    if !comparer.found.differences.is_empty() {
        on(Event::Shrinking);
        comparer.found.smallest = comparer.stage.smallest(&comparer.found.differences).await;
    }
    on(Event::Done);
    Comparison { elapsed: comparer.began.elapsed(), ..comparer.found }
}

struct Comparer<'a> {
    stage: Stage<'a>,
    asked: &'a Asked,
    found: Comparison,
    began: Instant,
    /// When the first difference was found.
    differed: Option<Instant>,
    /// The dialogue that was performed last, and its case.
    last: Option<(String, Dialogue)>,
    /// The first dialogue in which both have replied.
    answered: Option<Dialogue>,
    /// For how many dialogues neither has said what was due.
    silent: u32,
    /// For how many dialogues neither has closed a connection.
    open: u32,
}

impl Comparer<'_> {
    async fn all(&mut self, cases: &[&Case], on: &mut dyn FnMut(Event<'_>)) -> Result<(), Stop> {
        let (mut cases, left_out): (Vec<&Case>, Vec<&Case>) =
            cases.iter().partition(|case| case.dialogues(0, 1).any(|it| self.allows(&it)));
        cases.sort_by_key(|case| case.stage());
        (self.found.planned, self.found.left_out) = (cases.len(), left_out.len());
        on(Event::Began(cases.len()));
        for case in cases {
            if self.began.elapsed() > self.asked.patience.budget.saturating_mul(3) {
                return Err(Stop::Late);
            }
            let before = self.found.differences.len();
            self.found.asked += 1;
            self.case(case).await?;
            on(Event::Case(&case.name, self.found.differences.len()));
            if self.found.differences.len() > before && self.has_enough() {
                return Err(Stop::Enough);
            }
        }
        Ok(())
    }

    /// Whether a dialogue can be asked here.
    fn allows(&self, dialogue: &Dialogue) -> bool {
        let watched = self.stage.sides.iter().all(|side| side.is_launched());
        dialogue.steps.iter().all(|step| match step.act {
            Act::Restart | Act::Unread | Act::Unheard | Act::Exited | Act::Type(_) => false,
            Act::Printed(_) => watched,
            _ => true,
        })
    }

    /// Whether to look for more would cost more than it tells.
    fn has_enough(&self) -> bool {
        let ended = |it: &&Difference| it.heard.iter().any(|heard| heard.ending.is_some());
        self.found.differences.len() >= ENOUGH
            || self.found.differences.iter().filter(ended).count() >= ENOUGH_ENDED
            || self.differed.is_some_and(|first| first.elapsed() > LOOKING_ON)
    }

    /// Asks the dialogues of a case, up to the first that differs.
    async fn case(&mut self, case: &Case) -> Result<(), Stop> {
        let many = matches!(case.body, Body::Generated(_)) || case.comes_apart();
        let budget = self.asked.patience.budget;
        let (dialect, transport) = (self.asked.dialect, self.asked.transport);
        let about = case.covers.first().copied();
        let sayable = |it: &Dialogue| {
            dialect.is_none_or(|to| {
                let once = to.lifetime() == Some(Lifetime::Once);
                to.speak_of(about, it, transport).is_some() && !(once && has_several_clients(it))
            })
        };
        let dialogues = case.dialogues(self.asked.seed, self.asked.cases).filter(sayable);
        let mut launches = self.launches();
        for (done, dialogue) in (0..).zip(dialogues) {
            if self.costs_a_launch(&dialogue) {
                if launches == 0 {
                    self.found.hurried.push(case.name.clone());
                    return Ok(());
                }
                launches -= 1;
            }
            let elapsed = self.began.elapsed();
            let least = if elapsed > budget.saturating_mul(2) { 1 } else { PREFIX_MIN };
            if many && done >= least && elapsed > budget {
                self.found.hurried.push(case.name.clone());
                return Ok(());
            }
            let before = self.found.differences.len();
            self.compare(&case.name, &dialogue).await?;
            if self.found.differences.len() > before {
                return Ok(());
            }
            if self.found.once.iter().filter(|name| **name == case.name).count() >= ONCE_MAX {
                return Ok(());
            }
            if self.silent >= SILENT_MAX {
                self.found.silent.push(case.name.clone());
                return Ok(());
            }
        }
        Ok(())
    }

    /// Whether the targets, or what is due, end with a dialogue, so that each has to be launched again.
    fn costs_a_launch(&self, dialogue: &Dialogue) -> bool {
        self.asked.dialect.is_some_and(|dialect| {
            let speech = dialect.speak(dialogue, self.asked.transport);
            dialect.lifetime() == Some(Lifetime::Once) || speech.is_some_and(|it| it.stops)
        })
    }

    /// How many launches the next case may cost, so that some are left for the others, and for a second look.
    fn launches(&self) -> u32 {
        let left = self.stage.sides.iter().filter_map(|side| side.launches_left()).min();
        let ahead = (self.found.planned - self.found.asked) as u32 + 1;
        left.map_or(u32::MAX, |left| left.saturating_sub(SPARE).div_ceil(ahead))
    }

    /// Asks a dialogue, and looks into what differs.
    async fn compare(&mut self, case: &str, dialogue: &Dialogue) -> Result<(), Stop> {
        let trial = self.stage.trial(dialogue, false).await?;
        if self.found.dialogues == 0 {
            self.reached(&trial)?;
        }
        self.found.dialogues += 1;
        let last = self.last.replace((case.to_owned(), dialogue.clone()));
        if let (Some((case, last)), true) = (last, trial.had_ended[0] != trial.had_ended[1]) {
            // One has ended when the dialogue before this was over.
            let watched = self.stage.trial(&last, true).await?;
            if watched.differs_at().is_some() {
                self.look_into(&case, &last, watched, true).await?;
            }
        }
        self.take_in(&trial, dialogue).await?;
        if trial.differs_at().is_some() {
            self.look_into(case, dialogue, trial, false).await?;
        }
        Ok(())
    }

    /// Whether both are there at all.
    fn reached(&self, trial: &Trial) -> Result<(), Stop> {
        for which in [Which::Left, Which::Right] {
            let (side, heard) = (self.stage.sides[which as usize], &trial.heard[which as usize]);
            if matches!(heard.fault(), Some((_, Kind::Refused))) || side.is_absent() {
                return Err(Stop::Absent(which));
            }
        }
        Ok(())
    }

    /// Counts what was heard, and stops where neither says anything any more.
    async fn take_in(&mut self, trial: &Trial, dialogue: &Dialogue) -> Result<(), Stop> {
        let found = &mut self.found;
        let [left, right] = &trial.heard;
        let replies = left.replies().min(right.replies());
        found.replies += replies;
        found.answered |= left.says_anything() || right.says_anything();
        if replies > 0 && !trial.both_waited() {
            self.answered.get_or_insert_with(|| dialogue.clone());
        }
        let open = trial.stays_open(dialogue);
        self.open = if open { self.open + 1 } else { 0 };
        if self.open >= OPEN_MAX {
            found.stays_open = true;
            self.stage.ending = Ending::Close;
        }
        self.silent = if trial.both_waited() && !open { self.silent + 1 } else { 0 };
        if found.dialogues >= DUMB_MAX && !found.answered {
            return Err(Stop::Silent(DUMB_MAX));
        }
        if let Some(answered) = &self.answered {
            if self.silent >= ALL_SILENT_MAX {
                if self.stage.trial(answered, false).await?.both_waited() {
                    return Err(Stop::Silent(self.silent.into()));
                }
                self.silent = SILENT_MAX;
            }
        } else if self.silent >= SILENT_MAX {
            return Err(Stop::Silent(self.silent.into()));
        }
        Ok(())
    }

    /// Looks into a dialogue that was not answered alike, and takes down what comes of it.
    async fn look_into(
        &mut self,
        case: &str,
        dialogue: &Dialogue,
        trial: Trial,
        watched: bool,
    ) -> Result<(), Stop> {
        match self.stage.look_into(case, dialogue, trial, watched).await? {
            Some(difference) => {
                self.differed.get_or_insert_with(Instant::now);
                self.found.differences.push(difference);
            }
            None => self.found.once.push(case.to_owned()),
        }
        Ok(())
    }
}

/// Whether a dialogue is with a server that serves more than one client.
fn has_several_clients(dialogue: &Dialogue) -> bool {
    let mut clients = dialogue.steps.iter().map(|step| step.client);
    let first = clients.next();
    clients.any(|client| Some(client) != first)
}
