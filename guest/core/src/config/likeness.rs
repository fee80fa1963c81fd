//! How alike two names are: the same but for case and signs, words that
//! trackers use for the same thing, or nearly the same spelling.

/// Lower-case words joined by hyphens: an alias made of a name.
pub(super) fn slug(name: &str) -> String {
    let mut slug = String::new();
    let mut previous = ' ';
    for c in name.chars() {
        let begins = !c.is_alphanumeric() || (c.is_uppercase() && previous.is_lowercase());
        if begins && !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
        if c.is_alphanumeric() {
            slug.extend(c.to_lowercase());
        }
        previous = c;
    }
    slug.trim_end_matches('-').to_owned()
}

/// How alike, from 0 (not at all) to 1 (the same name).
pub(super) fn likeness(one: &str, other: &str, groups: &[&[&str]]) -> f64 {
    let (one, other) = (slug(one), slug(other));
    let (bare, bare_other) = (one.replace('-', ""), other.replace('-', ""));
    if bare == bare_other {
        return 1.0;
    }
    if groups.iter().any(|group| group.contains(&bare.as_str()) && group.contains(&bare_other.as_str())) {
        return 0.9;
    }
    let spelling = strsim::normalized_damerau_levenshtein(&bare, &bare_other);
    if spelling >= 0.75 {
        return spelling.min(0.85);
    }
    let within = |long: &str, short: &str| short.len() >= 4 && long.split('-').any(|word| word == short);
    if within(&one, &other) || within(&other, &one) { 0.7 } else { 0.0 }
}

/// How near the meanings are of two names that are not alike, from 0 to 0.5:
/// what answers the first for want of a better one.
pub(super) fn nearness(one: &str, other: &str, scale: &Scale) -> f64 {
    let bare = |name: &str| slug(name).replace('-', "");
    let group = |name: &str| scale.groups.iter().position(|group| group.contains(&bare(name).as_str()));
    let (Some(one), Some(other)) = (group(one), group(other)) else { return 0.0 };
    let instead = scale.instead.get(one).copied().unwrap_or_default();
    let place = instead.iter().position(|group| *group == other);
    place.and_then(|place| u8::try_from(place).ok()).map_or(0.0, |place| 0.5 / f64::from(place + 1))
}

/// Groups of names, and which groups stand in for each.
pub(super) struct Scale {
    pub groups: &'static [&'static [&'static str]],
    pub instead: &'static [&'static [usize]],
}

/// Priorities and the like are ordered: the next one stands in.
pub(super) const OPTION_SCALE: Scale =
    Scale { groups: OPTIONS, instead: &[&[1, 2], &[0, 2], &[1, 3], &[4, 2], &[3, 2]] };

/// A status for which there is none shows as the one before it.
pub(super) const STATUS_SCALE: Scale = Scale { groups: STATUSES, instead: &[&[], &[0], &[1, 0], &[], &[1, 0], &[3]] };

/// The likeness to the more alike of several names of one thing.
pub(super) fn best(one: &str, names: &[&str], groups: &[&[&str]]) -> f64 {
    names.iter().map(|name| likeness(one, name, groups)).fold(0.0, f64::max)
}

/// Pairs, each left and right once, the most alike first.
pub(super) fn matched(left: usize, right: usize, alike: impl Fn(usize, usize) -> f64) -> Vec<Option<usize>> {
    let mut scores: Vec<(f64, usize, usize)> = (0..left)
        .flat_map(|l| (0..right).map(move |r| (l, r)))
        .map(|(l, r)| (alike(l, r), l, r))
        .filter(|(score, ..)| *score > 0.0)
        .collect();
    // Ties go in the order of the names, so that the answer is always the same.
    scores.sort_by(|one, other| other.0.total_cmp(&one.0).then((one.1, one.2).cmp(&(other.1, other.2))));
    let mut answers = vec![None; left];
    let mut taken = vec![false; right];
    for (_, l, r) in scores {
        if let (Some(answer @ None), Some(free @ false)) = (answers.get_mut(l), taken.get_mut(r)) {
            *answer = Some(r);
            *free = true;
        }
    }
    answers
}

/// Issue types that trackers call differently.
pub(super) const TYPES: &[&[&str]] = &[
    &["bug", "defect", "error", "fault", "problem", "incident"],
    &["task", "todo", "job", "workitem", "chore"],
    &["feature", "story", "userstory", "newfeature", "enhancement", "improvement", "request", "featurerequest"],
    &["issue", "ticket", "item", "case", "card"],
    &["subtask", "child"],
    &["epic", "initiative"],
];

/// Fields that trackers call differently.
pub(super) const FIELDS: &[&[&str]] = &[
    &["summary", "title", "subject", "headline", "name"],
    &["description", "details", "body", "text", "content"],
    &["assignee", "owner", "assignedto", "responsible", "contact", "assigned"],
    &["assignees", "owners", "responsibles"],
    &["reporter", "author", "creator", "createdby", "submitter", "openedby"],
    &["priority", "urgency", "severity", "importance", "prio"],
    &["labels", "tags", "keywords", "label"],
    &["duedate", "due", "deadline", "dueon", "targetdate"],
    &["startdate", "start", "begin", "startson"],
    &["component", "components", "module", "modules", "category", "area", "subsystem"],
    &["fixversion", "fixversions", "version", "versions", "milestone", "targetversion", "release"],
    &["affectsversion", "affectsversions", "affectedversion", "foundin"],
    &["estimate", "timeestimate", "estimatedtime", "originalestimate", "estimatedhours"],
    &["storypoints", "points", "weight"],
    &["watchers", "participants", "cc", "followers"],
    &["notes", "note", "remark", "remarks"],
    &["resolution", "outcome"],
    &["environment", "platform"],
];

/// Options that trackers call differently.
pub(super) const OPTIONS: &[&[&str]] = &[
    &["trivial", "lowest", "verylow", "p5", "cosmetic"],
    &["low", "minor", "p4"],
    &["normal", "medium", "default", "moderate", "average", "p3"],
    &["high", "major", "important", "p2"],
    &["urgent", "critical", "highest", "immediate", "blocker", "showstopper", "veryhigh", "p1"],
    &["yes", "true", "on"],
    &["no", "false", "off"],
    &["fixed", "done", "resolved"],
    &["wontfix", "wontdo", "rejected", "declined", "invalid"],
];

/// Statuses that trackers call differently.
pub(super) const STATUSES: &[&[&str]] = &[
    &["open", "new", "todo", "backlog", "reopened", "created", "submitted", "selectedfordevelopment", "unconfirmed"],
    &["inprogress", "doing", "started", "active", "indevelopment", "assigned", "working", "ongoing", "accepted"],
    &["inreview", "review", "codereview", "feedback", "testing", "verify", "readyfortest", "qa"],
    &["done", "closed", "resolved", "fixed", "finished", "complete", "completed", "verified"],
    &["waiting", "blocked", "onhold", "pending", "needinfo", "waitingforcustomer"],
    &["rejected", "declined", "wontfix", "wontdo", "invalid", "cancelled", "canceled", "obsolete"],
];
