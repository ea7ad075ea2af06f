//! What goes over the network of an isolated program, frame by frame, for files that Wireshark opens.
//!
//! ```text
//! helper: a packet socket of that network -> Tap -> Recorder, while an attempt is made -> Frames -> pcap
//! ```
//!
//! Only the network of a program of its own is captured. To capture on this machine's would need privilege, and would see
//! what others send.

mod frames;
pub mod pcap;

#[cfg(target_os = "linux")]
mod knock;
#[cfg(target_os = "linux")]
mod recorder;
#[cfg(target_os = "linux")]
mod tap;
#[cfg(target_os = "linux")]
pub use self::recorder::Recording;
#[cfg(target_os = "linux")]
pub(crate) use self::{recorder::Recorder, tap::Tap};

#[cfg(not(target_os = "linux"))]
mod elsewhere;
#[cfg(not(target_os = "linux"))]
pub use self::elsewhere::Recording;
#[cfg(not(target_os = "linux"))]
pub(crate) use self::elsewhere::{Recorder, Tap};

pub use self::frames::Frames;
