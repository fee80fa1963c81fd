//! `ferry key export`.

use std::path::PathBuf;

use clap::Args;
use ferry::request::{Answer, Failure, Request};
use ferry::settings::Name;

use crate::cli::context::unexpected;
use crate::cli::{Context, DONE, Outcome, output};

/// Hand out this side's certificate, in OpenPGP's armour
///
/// With --secret the secret keys, so that an auditor opens parcels with GnuPG:
/// for synchronizations created with --encryption gnupg. Whoever has them reads
/// what comes and can speak in this side's name. Asks first.
#[derive(Debug, Args)]
pub struct Export {
    /// The synchronization
    name: Name,
    /// Where to write it [default: standard output; --secret needs a file]
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
    /// The secret keys
    #[arg(long, requires = "file")]
    secret: bool,
}

impl Export {
    /// Runs it.
    pub fn run(self, cx: &Context) -> Outcome {
        if let Some(file) = self.file.as_ref().filter(|file| file.symlink_metadata().is_ok() && !cx.yes) {
            return Err(Failure::failed(format!("{} is there already and isn't overwritten", file.display()))
                .with_help("choose another name, or give --yes"));
        }
        let text = if self.secret { self.secret_keys(cx)? } else { self.certificate(cx)? };
        let Some(file) = self.file else {
            match cx.json {
                true => output::json(&serde_json::json!({ "certificate": text })),
                false => output::raw(&text),
            }
            return Ok(DONE);
        };
        ferry::home::write_private(&file, text.as_bytes())
            .map_err(|e| Failure::failed(format!("{} can't be written: {e}", file.display())))?;
        match (cx.json, self.secret) {
            (true, secret) => output::json(&serde_json::json!({ "file": file, "secret": secret })),
            (false, true) => output::line(format!(
                "The secret keys are in {}, readable by this account alone. Remove it when it has served.",
                file.display()
            )),
            (false, false) => output::line(format!("The certificate is in {}.", file.display())),
        }
        Ok(DONE)
    }

    fn certificate(&self, cx: &Context) -> Result<String, Failure> {
        match cx.call(&Request::KeyExport(self.name.clone()))? {
            Answer::Text(text) => Ok(text),
            other => Err(unexpected(other)),
        }
    }

    fn secret_keys(&self, cx: &Context) -> Result<String, Failure> {
        cx.confirm(&format!(
            "Shall the secret keys of {} be written out? Whoever has them reads every parcel that comes and can speak \
             in this side's name.",
            self.name
        ))?;
        match cx.call(&Request::KeyExportSecret(self.name.clone()))? {
            Answer::Secret(secret) => Ok(secret.reveal().to_owned()),
            other => Err(unexpected(other)),
        }
    }
}
