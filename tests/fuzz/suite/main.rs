//! Every target with its seeds, its corpus and mutations of both: the same in
//! every run, and no more of them than a test can afford.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod mutate;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use ferry_fuzz::{TARGETS, Target, target};
use mutate::Mutator;

fn corpus(target: &Target) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target.name);
    let mut files: Vec<PathBuf> = match std::fs::read_dir(folder) {
        Ok(entries) => entries.map(|entry| entry.unwrap().path()).collect(),
        Err(_) => Vec::new(),
    };
    files.sort();
    files.iter().map(|file| std::fs::read(file).unwrap()).collect()
}

/// Runs an input; one that fails is kept, and how to play it again is said.
fn attempt(target: &Target, input: &[u8]) {
    if catch_unwind(AssertUnwindSafe(|| (target.run)(input))).is_err() {
        let file = std::env::temp_dir().join(format!("ferry-fuzz-{}", target.name));
        std::fs::write(&file, input).unwrap();
        panic!(
            "{} fails with an input of {} bytes: `make fuzz TARGET={} INPUT={}` plays it again; put it into \
             tests/fuzz/corpus/{} with the mend",
            target.name,
            input.len(),
            target.name,
            file.display(),
            target.name
        );
    }
}

fn try_out(name: &str) {
    let target = target(name).unwrap();
    let mut inputs = (target.seeds)();
    inputs.extend(corpus(target));
    inputs.iter().for_each(|input| attempt(target, input));
    let mut mutator = Mutator::new(name);
    for _ in 0..target.inputs {
        attempt(target, &mutator.mutated(&inputs));
    }
}

macro_rules! tests {
    ($($(#[$of:meta])* $test:ident $target:literal;)*) => {
        $(
            $(#[$of])*
            #[test]
            fn $test() {
                try_out($target);
            }
        )*

        #[test]
        fn no_target_is_forgotten() {
            let tried = [$($target),*];
            assert!(TARGETS.iter().all(|target| tried.contains(&target.name)));
        }
    };
}

tests! {
    no_parcel_does_harm "parcel";
    no_packet_header_or_certificate_does_harm "packets";
    no_handshake_file_or_hello_does_harm "handshake";
    no_renewal_of_keys_does_harm "renewal";
    no_message_and_no_damaged_record_does_harm "message";
    no_mail_does_harm "mail";
    no_server_does_harm "servers";
    no_configuration_does_harm "configuration";
    no_file_of_the_local_tracker_does_harm "document";
    an_outside_that_lies_does_the_engine_no_harm "engine";
    #[cfg(feature = "host")]
    no_request_of_a_component_harms_the_host "host";
}

#[test]
fn the_corpus_stays_small() {
    let bytes: usize = TARGETS.iter().flat_map(corpus).map(|input| input.len()).sum();
    assert!(bytes < 500_000, "{bytes} bytes");
}

#[test]
fn servers_that_go_along_are_talked_with_to_the_end() {
    for (number, said) in ferry_fuzz::servers::willing().iter().enumerate() {
        ferry_fuzz::servers::talk(said).unwrap_or_else(|fault| panic!("{number}: {fault}"));
    }
}
