//! Files to start from: models, the policy, manual pages.

use super::arguments::{Arguments, InitOptions};
use super::output::{self, Destination, Failure};
use clap::CommandFactory;
use std::path::{Path, PathBuf};
use weaklink::catalog::Policy;
use weaklink::source::visible;

/// Writes a model or the policy into a new file.
pub(crate) fn init(options: &InitOptions) -> Result<(), Failure> {
    let (default, content, next) = if options.policy {
        ("policy.json", Policy::SHIPPED_TEXT, "--policy")
    } else if options.example {
        ("storefront.yaml", include_str!("../../graphs/storefront.yaml"), "weaklink gaps")
    } else {
        ("weaklink.yaml", include_str!("../../graphs/minimal.yaml"), "weaklink gaps")
    };
    let path = options.file.clone().unwrap_or_else(|| PathBuf::from(default));
    let name = visible(&path.to_string_lossy()).into_owned();
    if path.symlink_metadata().is_ok() {
        return Err(Failure::bad_input_with_help(format!("`{name}` exists and is kept as it is"), "name another file"));
    }
    let destination = Destination { output: Some(path) };
    output::write(&destination, |out| out.write_all(content.as_bytes()))?;
    let next = if options.policy { format!("next: weaklink score MODEL {next} {name}") } else { format!("next: {next} {name}") };
    output::write_page(&Destination::default(), &format!("wrote {name}\n{next}\n"))
}

/// Prints the manual page, or writes one page per command into a folder.
pub(crate) fn man(directory: Option<&Path>) -> Result<(), Failure> {
    let command = Arguments::command();
    match directory {
        None => output::write(&Destination::default(), |out| clap_mangen::Man::new(command).render(out)),
        Some(directory) => {
            let name = visible(&directory.to_string_lossy()).into_owned();
            std::fs::create_dir_all(directory)
                .and_then(|()| clap_mangen::generate_to(command, directory))
                .map_err(|error| Failure::Output(format!("cannot write manual pages into `{name}`: {error}")))?;
            output::write(&Destination::default(), |out| writeln!(out, "wrote the manual pages into {name}"))
        }
    }
}
