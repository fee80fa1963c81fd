//! Where a scan of changes stands, as the engine keeps it for us. It says all
//! that a scan needs: what the engine didn't commit is told again.

/// A scan's place.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Cursor {
    /// Files are of interest from this time of change on, in nanoseconds of
    /// the file system's clock.
    pub since_ns: u64,
    /// Departures are of interest from this time on, of our clock.
    pub floor_ns: u64,
    /// When this scan began, or the last one if none is under way.
    pub mark_ns: u64,
    /// The scan under way.
    pub scan: Option<Scan>,
}

/// A scan under way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scan {
    /// Whether it tells what didn't change too.
    pub all: bool,
    /// The latest time of change that it met.
    pub high_ns: u64,
    /// The next scan has to begin at this time or before.
    pub hold_ns: u64,
    /// What comes next.
    pub step: Step,
}

/// The steps of a scan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Files after this name; all where it is empty.
    Files(String),
    /// Departures after this key of the index.
    Gone(Vec<u8>),
}

impl Cursor {
    /// Writes it.
    pub fn render(&self) -> String {
        let Self { since_ns, floor_ns, mark_ns, scan } = self;
        let rest = format!("1 {since_ns} {floor_ns} {mark_ns}");
        match scan {
            None => rest,
            Some(Scan { all, high_ns, hold_ns, step }) => {
                let (step, after) = match step {
                    Step::Files(after) => ('f', after.clone()),
                    Step::Gone(key) => ('g', key.iter().map(|byte| format!("{byte:02x}")).collect()),
                };
                format!("{rest} {} {high_ns} {hold_ns} {step} {after}", u8::from(*all))
            }
        }
    }

    /// Reads what `render` wrote; none for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(9, ' ');
        if parts.next()? != "1" {
            return None;
        }
        let mut number = || parts.next()?.parse::<u64>().ok();
        let mut cursor = Self { since_ns: number()?, floor_ns: number()?, mark_ns: number()?, scan: None };
        if let Some(all) = number() {
            let (high_ns, hold_ns) = (number()?, number()?);
            let step = match parts.next()? {
                "f" => Step::Files(parts.next()?.to_owned()),
                _ => Step::Gone(bytes(parts.next()?)?),
            };
            cursor.scan = Some(Scan { all: all == 1, high_ns, hold_ns, step });
        }
        Some(cursor)
    }
}

fn bytes(hex: &str) -> Option<Vec<u8>> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(hex.get(at..at + 2)?, 16).ok()).collect()
}
