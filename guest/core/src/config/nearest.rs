//! The nearest of the right names, for messages about wrong ones.

/// `did you mean "x"? there are: a, b, c`
pub(crate) fn hint<'a>(wrong: &str, right: impl IntoIterator<Item = &'a str>) -> String {
    let right: Vec<&str> = right.into_iter().collect();
    let list = match right.as_slice() {
        [] => return "there are none".to_owned(),
        [only] => return format!("there is only \"{only}\""),
        many => list(many),
    };
    match nearest(wrong, &right) {
        Some(near) => format!("did you mean \"{near}\"? there are: {list}"),
        None => format!("there are: {list}"),
    }
}

/// The name that is most like it, where one is like it at all.
pub(crate) fn nearest<'a>(wrong: &str, right: &[&'a str]) -> Option<&'a str> {
    let wrong = wrong.to_lowercase();
    let likeness = |name: &str| strsim::normalized_damerau_levenshtein(&wrong, &name.to_lowercase());
    right
        .iter()
        .map(|name| (likeness(name), *name))
        .filter(|(likeness, _)| *likeness >= 0.5)
        .max_by(|one, other| one.0.total_cmp(&other.0))
        .map(|(_, name)| name)
}

/// Names for a message; the first of very many.
pub(crate) fn list(names: &[&str]) -> String {
    const SHOWN: usize = 25;
    let shown: Vec<String> = names.iter().take(SHOWN).map(|name| format!("\"{name}\"")).collect();
    let more = names.len().saturating_sub(SHOWN);
    if more > 0 { format!("{} and {more} more", shown.join(", ")) } else { shown.join(", ") }
}
