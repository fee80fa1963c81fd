//! What a configuration shares: the primary's publication, the secondary's
//! narrowing.

use super::text::{At, Direction, FieldText, Text, TypeText};
use crate::ids::Alias;
use crate::limits::ATTACHMENT_BYTES_MAX;
use crate::model::{FieldKind, FieldSchema, ProjectSchema, TypeSchema};
use crate::scope::{AttachmentScope, FieldScope, Policy, Scope, Side, TypeScope, Ways};

/// The ways that a direction gives: without one, all that is published.
pub(crate) fn ways(direction: &Option<At<Direction>>, side: Side, published: Option<Ways>) -> Ways {
    let published = published.unwrap_or(Ways::BOTH);
    direction.as_ref().map_or(published, |direction| direction.value.ways(side).and(published))
}

/// What the primary's configuration shares, under that version.
pub(crate) fn publication(text: &Text, schema: &ProjectSchema, version: u32) -> Scope {
    let of = |of: &TypeText| Some(published_type(of, schema.issue_type(&of.local.value)?));
    Scope {
        version,
        comments: ways(&text.share.comments, Side::Primary, None),
        attachments: attachments(text, Side::Primary, None),
        conflicts: Policy::PrimaryWins,
        types: text.types.iter().filter_map(of).collect(),
    }
}

/// What the secondary's configuration leaves of what was published.
pub(crate) fn narrowing(text: &Text, published: &Scope) -> Scope {
    let by = Scope {
        version: published.version,
        comments: ways(&text.share.comments, Side::Secondary, Some(published.comments)),
        attachments: attachments(text, Side::Secondary, Some(&published.attachments)),
        conflicts: published.conflicts,
        types: text.types.iter().filter_map(|of| narrowed_type(of, published)).collect(),
    };
    published.narrowed(&by)
}

fn attachments(text: &Text, side: Side, published: Option<&AttachmentScope>) -> AttachmentScope {
    let most = published.map_or(ATTACHMENT_BYTES_MAX, |published| published.max_bytes);
    AttachmentScope {
        ways: ways(&text.share.attachments, side, published.map(|published| published.ways)),
        max_bytes: text.share.max_bytes.as_ref().map_or(most, |bytes| bytes.value.min(most)),
        media_types: text.share.media_types.iter().map(|pattern| pattern.value.clone()).collect(),
    }
}

fn published_type(of: &TypeText, schema: &TypeSchema) -> TypeScope {
    let statuses: Vec<Alias> = of.statuses.iter().map(|status| Alias(status.alias.value.clone())).collect();
    let status_ways = if statuses.is_empty() { Ways::NONE } else { ways(&of.status_direction, Side::Primary, None) };
    TypeScope {
        alias: Alias(of.alias.value.clone()),
        ways: ways(&of.direction, Side::Primary, None),
        fields: of.fields.iter().filter_map(|field| published_field(field, schema)).collect(),
        statuses: if status_ways == Ways::NONE { Vec::new() } else { statuses },
        status_ways,
    }
}

fn published_field(field: &FieldText, of: &TypeSchema) -> Option<FieldScope> {
    let ways = ways(&field.direction, Side::Primary, None);
    if field.is_made() || ways == Ways::NONE {
        return None;
    }
    let alias = Alias(field.alias.value.clone());
    let Some(local) = &field.local else {
        return Some(FieldScope { alias, kind: FieldKind::Text, ways, options: Vec::new() });
    };
    let schema = of.field(&local.value)?;
    Some(FieldScope { alias, kind: schema.kind, ways, options: options(field, schema) })
}

/// Versions and components come and go: their set is open.
fn options(field: &FieldText, schema: &FieldSchema) -> Vec<Alias> {
    if !field.options.is_empty() {
        return field.options.iter().map(|of| Alias(of.alias.value.clone())).collect();
    }
    let closed = matches!(schema.kind, FieldKind::Choice | FieldKind::Choices);
    schema.options.iter().filter(|_| closed).map(|option| Alias(option.label.clone())).collect()
}

fn narrowed_type(of: &TypeText, published: &Scope) -> Option<TypeScope> {
    let scope = published.types.iter().find(|scope| scope.alias.0 == of.alias.value)?;
    let field = |field: &FieldText| {
        let own = scope.fields.iter().find(|own| !field.is_made() && own.alias.0 == field.alias.value)?;
        Some(FieldScope { ways: ways(&field.direction, Side::Secondary, Some(own.ways)), ..own.clone() })
    };
    let status_ways = match of.statuses.is_empty() {
        true => Ways::NONE,
        false => ways(&of.status_direction, Side::Secondary, Some(scope.status_ways)),
    };
    Some(TypeScope {
        alias: scope.alias.clone(),
        ways: ways(&of.direction, Side::Secondary, Some(scope.ways)),
        fields: of.fields.iter().filter_map(field).collect(),
        statuses: scope.statuses.clone(),
        status_ways,
    })
}
