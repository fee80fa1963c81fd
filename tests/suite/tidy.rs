//! The tree reads as it should. What fails here says where and what to do.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use ferry_tests::tree;

const FILE_LINES_MAX: usize = 400;
/// One interface of types alone, so that every user of them names one place.
const LONG_INTERFACE: &str = "ferry-tracker/model.wit";
const FUNCTION_LINES_MAX: usize = 70;
const LINE_COLUMNS_MAX: usize = 120;
const FILE_BYTES_MAX: u64 = 500 << 10;

/// What may stand at the top; dot-files may, too.
const TOP: [&str; 10] = [
    "Cargo.toml",
    "Cargo.lock",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "Makefile",
    "README.md",
    "wit",
    "guest",
    "host",
    "adapters",
];

/// What tests may depend on.
const OURS: [&str; 8] =
    ["ferry", "ferry-core", "ferry-wire", "ferry-mail", "ferry-post", "ferry-adapter", "ferry-local", "ferry-tests"];

/// Which crate may depend on which of ours: the arrows point one way.
const ARROWS: [(&str, &[&str]); 12] = [
    ("ferry-core", &[]),
    ("ferry-wire", &["ferry-core"]),
    ("ferry-mail", &["ferry-core"]),
    ("ferry-engine", &["ferry-core", "ferry-wire", "ferry-mail"]),
    ("ferry", &["ferry-post", "ferry-http"]),
    ("ferry-tls", &[]),
    ("ferry-post", &["ferry-tls"]),
    ("ferry-http", &["ferry-tls"]),
    ("ferry-adapter", &[]),
    ("ferry-local", &["ferry-adapter"]),
    ("ferry-tests", &OURS),
    ("ferry-fuzz", &OURS),
];

fn with_extension(wanted: &[&str]) -> Vec<(PathBuf, String)> {
    let files = tree::files().into_iter();
    let files = files.filter(|file| file.extension().is_some_and(|found| wanted.iter().any(|e| found == *e)));
    files.map(|file| (file.clone(), read(&file))).collect()
}

fn read(file: &Path) -> String {
    std::fs::read_to_string(tree::root().join(file)).unwrap()
}

fn clean(problems: &[String]) {
    assert!(problems.is_empty(), "\n{}\n", problems.join("\n"));
}

#[test]
fn files_and_lines_stay_short() {
    let mut problems = Vec::new();
    for (file, text) in with_extension(&["rs", "wit", "sh", "py", "js"]) {
        let lines = text.lines().count();
        if lines >= FILE_LINES_MAX && !file.ends_with(LONG_INTERFACE) {
            problems.push(format!("{}: {lines} lines; is there a second idea in it?", file.display()));
        }
        for (number, line) in text.lines().enumerate() {
            if line.chars().count() > LINE_COLUMNS_MAX {
                problems.push(format!("{}:{}: over {LINE_COLUMNS_MAX} columns", file.display(), number + 1));
            }
        }
    }
    clean(&problems);
}

#[test]
fn functions_stay_short() {
    let mut problems = Vec::new();
    for (file, text) in with_extension(&["rs"]) {
        let lines: Vec<&str> = text.lines().collect();
        for (start, line) in lines.iter().enumerate().filter(|(_, line)| begins_function(line)) {
            let indent = line.len() - line.trim_start().len();
            let ends = |line: &&str| {
                let closes = line.trim_start().starts_with('}') || line.trim_end().ends_with(';');
                line.len() - line.trim_start().len() == indent && closes
            };
            let length = lines[start..].iter().position(ends).map_or(0, |end| end + 1);
            if length >= FUNCTION_LINES_MAX {
                problems.push(format!("{}:{}: a function of {length} lines", file.display(), start + 1));
            }
        }
    }
    clean(&problems);
}

fn begins_function(line: &str) -> bool {
    let mut words = line.split_whitespace();
    let qualifier = |word: &str| {
        word.starts_with("pub") || ["const", "async", "unsafe", "extern", "\"C\"", "in", "crate)"].contains(&word)
    };
    words.find(|word| !qualifier(word)) == Some("fn") && !line.trim_end().ends_with('}')
}

#[test]
fn nothing_is_left_open() {
    // Written apart, so that this file doesn't find itself.
    let marks = [
        concat!("to", "do!"),
        concat!("unimple", "mented!"),
        concat!("TO", "DO"),
        concat!("FIX", "ME"),
        concat!("XX", "X"),
        concat!("#[ig", "nore"),
        concat!("Place", "holder"),
    ];
    let mut problems = Vec::new();
    for (file, text) in with_extension(&["rs", "wit", "md", "toml", "sh"]) {
        for (number, line) in text.lines().enumerate() {
            if let Some(mark) = marks.iter().find(|mark| line.contains(**mark)) {
                problems.push(format!("{}:{}: {mark}", file.display(), number + 1));
            }
        }
    }
    clean(&problems);
}

#[test]
fn tests_wait_for_what_happens_rather_than_sleep() {
    let call = concat!("thread::", "sleep");
    let asleep = with_extension(&["rs"]).into_iter().filter(|(_, text)| text.contains(call));
    let asleep = asleep.filter(|(file, _)| file.starts_with("tests") || file.ends_with("tests.rs"));
    clean(&asleep.map(|(file, _)| format!("{}: sleeps", file.display())).collect::<Vec<_>>());
}

#[test]
fn the_top_level_stays_as_it_is() {
    let mut problems = Vec::new();
    for file in tree::files() {
        let top = file.components().next().unwrap().as_os_str().to_string_lossy().into_owned();
        if !top.starts_with('.') && top != "tests" && !TOP.contains(&top.as_str()) {
            problems.push(format!("{}: has no place at the top", file.display()));
        }
    }
    clean(&problems);
}

#[test]
fn nothing_built_and_nothing_large_is_kept() {
    let mut problems = Vec::new();
    for file in tree::files() {
        let bytes = tree::root().join(&file).metadata().unwrap().len();
        if bytes > FILE_BYTES_MAX {
            problems.push(format!("{}: {bytes} bytes", file.display()));
        }
        if file.extension().is_some_and(|extension| extension == "wasm") {
            problems.push(format!("{}: is built, not kept", file.display()));
        }
    }
    clean(&problems);
}

#[test]
fn no_file_speaks_of_this_machine() {
    let home = std::env::var("HOME").unwrap_or_default();
    let places = [tree::root().display().to_string(), home, concat!("shared/", "design").to_owned()];
    let places: Vec<String> = places.into_iter().filter(|place| place.len() > 2).collect();
    let mut problems = Vec::new();
    for (file, text) in with_extension(&["rs", "wit", "md", "toml", "sh"]) {
        for place in places.iter().filter(|place| text.contains(&format!("{place}/"))) {
            problems.push(format!("{}: speaks of {place}", file.display()));
        }
    }
    clean(&problems);
}

#[test]
fn dependencies_point_one_way() {
    let allowed = BTreeMap::from(ARROWS);
    let mut problems = Vec::new();
    for (file, text) in with_extension(&["toml"]) {
        let manifest: toml::Table = toml::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
        let Some(name) = manifest.get("package").and_then(|package| package.get("name")?.as_str()) else { continue };
        let Some(allowed) = allowed.get(name) else {
            problems.push(format!("{}: say in this test what {name} may depend on", file.display()));
            continue;
        };
        for table in ["dependencies", "dev-dependencies", "build-dependencies"] {
            let Some(table) = manifest.get(table).and_then(toml::Value::as_table) else { continue };
            let ours = table.keys().filter(|dependency| BTreeMap::from(ARROWS).contains_key(dependency.as_str()));
            for dependency in ours.filter(|dependency| !allowed.contains(&dependency.as_str())) {
                problems.push(format!("{}: {name} must not depend on {dependency}", file.display()));
            }
        }
    }
    clean(&problems);
}

#[test]
fn components_are_built_by_make_and_known_to_no_other_crate() {
    let mut problems = Vec::new();
    for (file, text) in with_extension(&["rs"]) {
        if file.ends_with("build.rs") {
            problems.push(format!("{}: builds happen in the Makefile", file.display()));
        }
        let ours = ["ferry_core", "ferry_wire", "ferry_engine", "ferry_local"];
        let foreign = file.starts_with("host") && ours.iter().any(|name| text.contains(name));
        let turned = file.starts_with("adapters") && ["ferry_core", "ferry_wire"].iter().any(|n| text.contains(n));
        if foreign || turned {
            problems.push(format!("{}: names a crate of the guest", file.display()));
        }
    }
    clean(&problems);
}

#[test]
fn no_source_file_is_forgotten() {
    let sources: BTreeMap<PathBuf, String> = with_extension(&["rs"]).into_iter().collect();
    let mut problems = Vec::new();
    for file in sources.keys().filter(|file| !is_root(file)) {
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        let folder = file.parent().unwrap();
        let parents =
            [folder.with_extension("rs"), folder.join("mod.rs"), folder.join("lib.rs"), folder.join("main.rs")];
        let declares = |parent: &PathBuf| {
            let text = sources.get(parent)?;
            let line = |line: &str| {
                line.trim_start().trim_start_matches("pub(crate) ").trim_start_matches("pub ") == format!("mod {name};")
            };
            text.lines().any(line).then_some(())
        };
        if !parents.iter().any(|parent| declares(parent).is_some()) {
            problems.push(format!("{}: is no module of anything", file.display()));
        }
    }
    clean(&problems);
}

/// Whether a compiler starts at this file.
fn is_root(file: &Path) -> bool {
    let name = file.file_name().unwrap();
    let alone = ["examples", "benches", "bin", "bench", "fuzz_targets"];
    name == "lib.rs"
        || name == "main.rs"
        || file.parent().is_some_and(|folder| alone.iter().any(|a| folder.ends_with(a)))
}

#[test]
fn no_tag_of_the_store_is_given_twice() {
    let mut owners = BTreeMap::new();
    let mut problems = Vec::new();
    for line in read(Path::new("guest/core/src/tables.rs")).lines() {
        let Some((name, rest)) = line.strip_prefix("pub const ").and_then(|line| line.split_once(':')) else {
            continue;
        };
        let tag = rest.split_once("Table::new(").map(|(_, rest)| rest.chars().take(4).collect::<String>());
        let tag = tag.unwrap_or_else(|| panic!("{name}: its tag can't be read"));
        if let Some(other) = owners.insert(tag.clone(), name.to_owned()) {
            problems.push(format!("{name} and {other} both have the tag {tag}"));
        }
    }
    assert!(owners.len() > 10);
    clean(&problems);
}
