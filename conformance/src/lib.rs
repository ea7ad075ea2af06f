//! The conformance suite: does a server keep SPEC.md?
//!
//! ```text
//!   SPEC.md                                             target / simulation
//!      |                                                        |
//!    spec --> case --> dialogue --> perform over a wire --> exchange
//!      ids      |         ^                                     |
//!               |      delivery                               judge
//!            service                                            |
//!                      report <-- run: stages, retries <-- fault, charged
//! ```
//!
//! In reading order: [`spec`] reads SPEC.md as data, its rules with [`abnf`]; [`transcript`] is the language of
//! dialogues; [`case`](mod@case) holds what is asked, [`service`] what it means, [`delivery`] how octets are cut,
//! [`dialogue`] what can be done with steps; [`wire`] is sockets or a simulation, [`mod@perform`] speaks a dialogue
//! over one and writes down an [`exchange`]; [`mod@judge`] compares, by [`matching`]; [`relies`] tells what a dialogue
//! takes for granted; [`mod@run`] puts it together and knows the order; [`report`] is what comes of it. [`target`]
//! launches programs, [`isolation`] keeps them apart from the machine, [`capture`] takes down what goes over their network, and
//! [`kernel`] reads the kernel's tables; [`mutant`] is a zoo of wrong servers, [`foil`] holds
//! null and odd ones, and [`matrix`] asks every case of all of them; [`page`] is what is taught of each requirement;
//! [`mod@diff`] holds two targets against each other, [`pairing`] brings clients and servers together, and [`shrink`] finds the smallest dialogue that shows something;
//! [`mod@side_by_side`] spreads work over the cores; [`pace`] holds the deadlines and [`blame`] who is to blame when nothing could be found out.

pub mod abnf;
pub mod baseline;
pub mod blame;
pub mod capture;
pub mod case;
pub mod client;
pub mod delivery;
pub mod diagnosis;
pub mod dialect;
pub mod dialogue;
pub mod diff;
pub mod exchange;
pub mod foil;
pub mod isolation;
pub mod judge;
pub mod kernel;
pub mod matching;
pub mod matrix;
pub mod mutant;
pub mod pace;
pub mod page;
pub mod pairing;
pub mod perform;
pub mod rehearsal;
pub mod relies;
pub mod replay;
pub mod report;
pub mod run;
pub mod service;
pub mod settings;
pub mod shrink;
pub mod side_by_side;
pub mod spec;
pub mod target;
pub mod transcript;
pub mod transport;
mod wall_clock;
pub mod wire;
