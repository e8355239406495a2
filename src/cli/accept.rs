//! `accept`: writes a waiver.

use super::arguments::AcceptOptions;
use super::input::{drawn, today, unreadable};
use super::output::{self, Destination, Failure};
use super::place::{Project, WAIVERS_FILE};
use std::path::{Path, PathBuf};
use weaklink::project::{FindingKind, SETTINGS_FILE, Waiver, Waivers};
use weaklink::source::{Source, visible};

/// Bytes that a file of waivers may have.
const LARGEST: u64 = 16 * 1024 * 1024;

/// Accepts a finding; nothing is written unless the whole file is valid before and after.
pub(crate) fn accept(options: &AcceptOptions) -> Result<(), Failure> {
    let today = today();
    if options.until < today {
        return Err(Failure::bad_input_with_help(format!("{} is past", options.until), "--until DATE names a day from today on"));
    }
    if options.up_to.is_some() && options.finding.kind != FindingKind::Rise {
        return Err(Failure::bad_input(format!("--up-to is for a rise, and `{}` is none", visible(&options.finding.to_string()))));
    }
    let waiver = Waiver {
        finding: options.finding.clone(),
        until: options.until,
        reason: options.reason.clone(),
        by: options.by.clone(),
        up_to: options.up_to.and_then(|points| points.0),
    };
    let path = file(options)?;
    let name = visible(&path.to_string_lossy()).into_owned();
    let text = if path.symlink_metadata().is_ok() {
        let source = Source::read(&path, 0, LARGEST).map_err(|error| unreadable(&[error]))?;
        Waivers::parse(&source).map_err(|faults| Failure::BadInput(drawn(&faults, std::slice::from_ref(&source))))?;
        source.text().to_owned()
    } else {
        String::new()
    };
    let refuse = |why: &str| Failure::bad_input(format!("cannot add to `{name}`: {why}"));
    let text = waiver.added_to(&text).map_err(|why| refuse(&why))?;
    let written = Source::from_bytes(name.clone(), text.clone().into_bytes(), 0).map_err(|_| refuse("it would not be text"))?;
    Waivers::parse(&written).map_err(|_| refuse("the reason or the name cannot be written down"))?;
    output::write(&Destination { output: Some(path) }, |out| out.write_all(text.as_bytes()))?;
    let told = format!("accepted {} until {}\nwrote {name}\n", visible(&waiver.finding.to_string()), waiver.until);
    output::write_page(&Destination::default(), &told)
}

/// The file that is asked for, or that of the project in this folder.
fn file(options: &AcceptOptions) -> Result<PathBuf, Failure> {
    if let Some(file) = &options.waivers {
        return Ok(file.clone());
    }
    if Path::new(SETTINGS_FILE).exists()
        && let Some(place) = Project::find(Path::new(SETTINGS_FILE), LARGEST)?.waivers
    {
        return Ok(PathBuf::from(place.name()));
    }
    Ok(PathBuf::from(WAIVERS_FILE))
}
