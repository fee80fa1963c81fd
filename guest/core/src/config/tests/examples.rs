//! Examples that are made of trackers' schemas.

use super::*;

fn schemas() -> [(&'static str, ProjectSchema); 3] {
    [("folder", folder()), ("bought", bought()), ("plain", plain())]
}

#[test]
fn the_example_is_good_as_it_is_for_every_pair_of_trackers() {
    for (one, primary) in schemas() {
        let text = example("globex", &primary);
        let against = Against { side: Side::Primary, schema: &primary, published: None };
        assert_eq!(errors(&text, against), [], "{one}:\n{text}");
        let scope = published(&text, &primary);
        for (other, secondary) in schemas() {
            let text = answer("acme", &scope, &secondary);
            let against = Against { side: Side::Secondary, schema: &secondary, published: Some(&scope) };
            assert_eq!(errors(&text, against), [], "{one} answered by {other}:\n{text}");
            let narrowed = narrowing(&parsed(&text), &scope);
            assert_eq!(narrowed.types.len(), scope.types.len(), "{one} answered by {other}:\n{text}");
            for of in &narrowed.types {
                assert!(of.fields.iter().any(|field| field.ways == Ways::BOTH), "{one} by {other}: {}", of.alias);
            }
        }
    }
}

#[test]
fn the_partner_s_words_stay_words_in_an_example() {
    let mut scope = published(&example("x", &plain()), &plain());
    let evil = "a\"\nlinks = \"both\"\u{202E}\n[[types]]";
    scope.types[0].alias = crate::ids::Alias::from(evil);
    scope.types[0].fields[0].alias = crate::ids::Alias::from(evil);
    scope.types[0].statuses[0] = crate::ids::Alias::from(evil);
    scope.attachments.media_types = vec![format!("text/{evil}")];
    let schema = bought();
    let text = answer(evil, &scope, &schema);
    let against = Against { side: Side::Secondary, schema: &schema, published: Some(&scope) };
    assert_eq!(errors(&text, against), [], "{text}");
    assert_eq!(parsed(&text).types.len(), 1);
    assert!(!text.contains('\u{202E}'));
}

#[test]
fn trackers_that_are_the_same_answer_each_other_completely() {
    let scope = published(&example("globex", &folder()), &folder());
    let text = answer("acme", &scope, &folder());
    let against = Against { side: Side::Secondary, schema: &folder(), published: Some(&scope) };
    assert_eq!(shown(&text, against), [] as [&str; 0], "{text}");
    assert_eq!(narrowing(&parsed(&text), &scope), scope, "{text}");
}
