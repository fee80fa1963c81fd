//! `make fuzz`: the target that `FERRY_FUZZ_TARGET` names, led by libFuzzer.
//! With `FERRY_FUZZ_SEEDS` it first writes the target's seeds into that folder.
#![no_main]
#![allow(unsafe_code, clippy::unwrap_used, clippy::expect_used, reason = "libFuzzer calls in by a C name")]

use std::sync::OnceLock;

use ferry_fuzz::Target;
use libfuzzer_sys::fuzz_target;

static TARGET: OnceLock<&'static Target> = OnceLock::new();

fn chosen() -> &'static Target {
    let name = std::env::var("FERRY_FUZZ_TARGET").expect("FERRY_FUZZ_TARGET names the target");
    let target = ferry_fuzz::target(&name).unwrap_or_else(|| panic!("there is no target {name}"));
    if let Some(folder) = std::env::var_os("FERRY_FUZZ_SEEDS") {
        let folder = std::path::PathBuf::from(folder);
        for (number, seed) in (target.seeds)().into_iter().enumerate() {
            std::fs::write(folder.join(format!("seed-{number:03}")), seed).expect("the folder can be written");
        }
    }
    target
}

fuzz_target!(|input: &[u8]| (TARGET.get_or_init(chosen).run)(input));
