//! Why a cache is refused.

use std::fmt;

/// Why a cache is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CacheFault {
    /// The file's name; it reaches an output through a filter only.
    pub name: String,
    /// What is wrong.
    pub kind: CacheFaultKind,
}

/// What is wrong with a cache.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CacheFaultKind {
    /// It cannot be read; the system's reason.
    Unreadable(String),
    /// It ends too early.
    CutShort,
    /// A section is not as it was written.
    Damaged {
        /// Which.
        section: String,
    },
    /// Another version of the program, or of what it ships, wrote it.
    OtherVersion {
        /// That version.
        by: String,
        /// This one.
        this: String,
    },
    /// A machine wrote it on which numbers have their bytes in the other order.
    OtherMachine,
}

impl CacheFault {
    /// Ends the answer: for what is read so late that nobody waits for a fault any more. Whoever runs answers catches this
    /// as a panic whose payload is the fault.
    pub fn unwind(self) -> ! {
        std::panic::resume_unwind(Box::new(self))
    }
}

impl fmt::Display for CacheFault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = crate::source::visible(&self.name);
        match &self.kind {
            CacheFaultKind::Unreadable(why) => write!(out, "cannot read `{name}`: {why}"),
            CacheFaultKind::CutShort => write!(out, "the cache `{name}` is cut short"),
            CacheFaultKind::Damaged { section } => write!(out, "the cache `{name}` is damaged: its {section} are not as they were written"),
            CacheFaultKind::OtherVersion { by, this } => {
                write!(out, "the cache `{name}` is from {}, and this is {this}", crate::source::visible(by))
            }
            CacheFaultKind::OtherMachine => write!(out, "the cache `{name}` is from a machine that orders bytes the other way"),
        }
    }
}

impl std::error::Error for CacheFault {}
