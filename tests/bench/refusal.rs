//! What the worst costs that a partner with its keys can seal.

use std::path::Path;

use ferry_tests::hostile;
use ferry_tests::insider::Insider;
use ferry_tests::office::Office;

use crate::report::Report;

/// More memory than at rest, in bytes.
const EXTRA_BYTES_MAX: u64 = 64 << 20;
/// Processor time, in hundredths of a second.
const TICKS_MAX: u64 = 100;

/// Has each refused, or taken, by a daemon; prints what it cost.
pub fn measure(place: &Path, report: &mut Report) {
    std::fs::create_dir_all(place).unwrap();
    let acme = Office::new(place, "acme", "globex", "ACME");
    let globex = Office::new(place, "globex", "acme", "GLX");
    acme.connect(&globex, "modern");
    acme.settle(&globex);
    let mut insider = Insider::at(&acme);
    let daemon = globex.daemon();
    // Warm: what comes first pays for what is loaded once.
    insider.cost(&daemon, &hostile::honest());
    println!("a hostile parcel by a valid partner, as large as the limits let in");
    for hostile in hostile::all() {
        let (bytes, ticks) = insider.cost(&daemon, &hostile);
        report.bounded(hostile.what, bytes, EXTRA_BYTES_MAX, ticks, TICKS_MAX);
    }
}
