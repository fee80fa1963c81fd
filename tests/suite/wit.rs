//! The interfaces are documented to the last item.

use ferry_tests::tree;
use wit_parser::{Docs, Interface, Resolve, TypeDef, TypeDefKind};

#[test]
fn every_item_is_documented() {
    let mut resolve = Resolve::default();
    resolve.push_dir(tree::root().join("wit")).unwrap();
    let mut bare = Vec::new();
    for (_, world) in &resolve.worlds {
        note(&mut bare, &world.docs, format!("world {}", world.name));
    }
    for (_, interface) in &resolve.interfaces {
        visit(&resolve, interface, &mut bare);
    }
    assert!(bare.is_empty(), "\nwithout documentation:\n{}\n", bare.join("\n"));
}

fn visit(resolve: &Resolve, interface: &Interface, bare: &mut Vec<String>) {
    let Some(name) = &interface.name else { return };
    note(bare, &interface.docs, format!("interface {name}"));
    for (function, item) in &interface.functions {
        note(bare, &item.docs, format!("{name}.{function}"));
    }
    for (type_name, id) in &interface.types {
        let item = &resolve.types[*id];
        if !is_borrowed(resolve, item) {
            note(bare, &item.docs, format!("{name}.{type_name}"));
            parts(item, &format!("{name}.{type_name}"), bare);
        }
    }
}

/// A `use` of another interface's type, which is documented there.
fn is_borrowed(resolve: &Resolve, item: &TypeDef) -> bool {
    matches!(item.kind, TypeDefKind::Type(wit_parser::Type::Id(of)) if resolve.types[of].owner != item.owner)
}

fn parts(item: &TypeDef, path: &str, bare: &mut Vec<String>) {
    match &item.kind {
        TypeDefKind::Record(record) => {
            record.fields.iter().for_each(|field| note(bare, &field.docs, format!("{path}.{}", field.name)));
        }
        TypeDefKind::Variant(variant) => {
            variant.cases.iter().for_each(|case| note(bare, &case.docs, format!("{path}.{}", case.name)));
        }
        TypeDefKind::Enum(list) => {
            list.cases.iter().for_each(|case| note(bare, &case.docs, format!("{path}.{}", case.name)));
        }
        TypeDefKind::Flags(flags) => {
            flags.flags.iter().for_each(|flag| note(bare, &flag.docs, format!("{path}.{}", flag.name)));
        }
        _ => {}
    }
}

fn note(bare: &mut Vec<String>, docs: &Docs, path: String) {
    if docs.contents.as_ref().is_none_or(|text| text.trim().is_empty()) {
        bare.push(path);
    }
}
