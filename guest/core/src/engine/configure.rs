//! Configurations on their way: the primary publishes, the secondary adopts,
//! the primary takes the answer. `ferry:control/admin` says what each does.

use super::Engine;
use crate::config::{
    self, Adoption, Against, Agreement, Configured, Offer, Problems, Publication, Text, Verdict, has_errors,
};
use crate::delivery::Outbox;
use crate::delivery::outbox::outgoing;
use crate::fault::Fault;
use crate::mapping::Mapping;
use crate::message::{Adopted, Body, Configuration, Switched};
use crate::scope::{Scope, Side};
use crate::state::{Reunion, Status};
use crate::store::Draft;
use crate::tables;
use crate::time::Time;

/// What came of a message about the configuration.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    /// Whether another version is in force here now: a scan of our tracker
    /// begins anew.
    pub switched: bool,
}

impl Engine<'_> {
    /// A configuration made from the real schema, or from what the partner
    /// published; good as it is.
    ///
    /// # Errors
    /// `NotAllowed` for the secondary before the primary published.
    pub fn example(&self) -> Result<String, Fault> {
        let state = self.state()?;
        let schema = &self.seen()?.schema;
        match state.side {
            Side::Primary => Ok(config::example(&state.name, schema)),
            Side::Secondary => Ok(config::answer(&state.name, &self.to_answer()?, schema)),
        }
    }

    /// What is wrong with a configuration, in the order of its text.
    ///
    /// # Errors
    /// As `example`.
    pub fn check(&self, text: &str) -> Result<Vec<config::Problem>, Fault> {
        let side = self.state()?.side;
        let published = match side {
            Side::Primary => None,
            Side::Secondary => Some(self.to_answer()?),
        };
        let against = Against { side, schema: &self.seen()?.schema, published: published.as_ref() };
        Ok(config::check(text, against))
    }

    /// Keeps a configuration for later, unless it has errors.
    ///
    /// # Errors
    /// As `example`, and the store's.
    pub fn draft_configuration(&self, text: &str) -> Result<Verdict, Fault> {
        let problems = self.check(text)?;
        if has_errors(&problems) {
            return Ok(Verdict { version: None, problems });
        }
        let mut configured = self.configured()?;
        configured.draft = Some(text.to_owned());
        let mut draft = self.draft();
        draft.put(&tables::CONFIGURED, &(), &configured)?;
        draft.commit()?;
        Ok(Verdict { version: None, problems })
    }

    /// The primary's: publishes a configuration, or the draft. Where it shares
    /// what is shared already, and only our own names for it changed, it is in
    /// force at once and the partner isn't asked. The very text that is in
    /// force, published again, asks the partner again.
    ///
    /// # Errors
    /// `NotAllowed` on the secondary and before the connection test passed,
    /// `NotFound` without a draft.
    pub fn publish(&self, text: Option<&str>) -> Result<Verdict, Fault> {
        self.may_configure(Side::Primary)?;
        let mut configured = self.configured()?;
        let text = given_or_draft(text, &configured)?;
        let problems = self.check(&text)?;
        if has_errors(&problems) {
            return Ok(Verdict { version: None, problems });
        }
        let latest = configured.latest();
        let scope = config::publication(&parsed(&text), &self.seen()?.schema, latest + 1);
        let mut draft = self.draft();
        let same = |known: &Scope| Scope { version: known.version, ..scope.clone() } == *known;
        let version = if let Some(published) = configured.published.as_mut().filter(|known| same(&known.scope)) {
            published.text.clone_from(&text);
            published.scope.version
        } else if configured.published.is_none()
            && configured.whole.as_ref().is_some_and(same)
            && adoption(&draft, configured.version)?.is_some_and(|adoption| adoption.text != text)
        {
            replace_text(&mut configured, &mut draft, &text)?;
            configured.version
        } else {
            let (since, epoch) = (self.now, outgoing(&draft)?.epoch.counter);
            let published = Publication { text: text.clone(), scope: scope.clone(), since, epoch };
            configured.superseded.extend(configured.published.replace(published));
            self.append(&mut draft, Body::Configuration(Configuration { scope }))?;
            latest + 1
        };
        self.settled(draft, configured, &text)?;
        Ok(Verdict { version: Some(version), problems })
    }

    /// The secondary's: answers what the primary published, with a
    /// configuration or with the draft. It is in force at once. Without a new
    /// publication it may change our own names for what is shared.
    ///
    /// # Errors
    /// `NotAllowed` on the primary, before the primary published, and where it
    /// would change what is shared without a new publication, or while both
    /// sides compare what they know; `NotFound` without a draft.
    pub fn adopt(&self, text: Option<&str>) -> Result<Verdict, Fault> {
        self.may_configure(Side::Secondary)?;
        let mut configured = self.configured()?;
        let text = given_or_draft(text, &configured)?;
        let problems = self.check(&text)?;
        if has_errors(&problems) {
            return Ok(Verdict { version: None, problems });
        }
        let published = self.to_answer()?;
        let scope = config::narrowing(&parsed(&text), &published);
        let version = scope.version;
        let mut draft = self.draft();
        if configured.offered.take().is_some() {
            draft.put(&tables::ADOPTIONS, &version, &Adoption { text: text.clone(), scope: scope.clone() })?;
            configured.switch(version, published, self.now);
            self.append(&mut draft, Body::Adopted(Adopted { scope }))?;
        } else {
            let agreed = adoption(&draft, version)?.map(|adoption| adoption.scope);
            if agreed != Some(scope) {
                return Err(Fault::NotAllowed(
                    "this changes what is shared, and the partner has published nothing new: ask them to publish \
                     their configuration again (`ferry config publish` on their side), then adopt this; changes to \
                     our own names, options, users and filters can be adopted at any time"
                        .to_owned(),
                ));
            }
            replace_text(&mut configured, &mut draft, &text)?;
        }
        self.settled(draft, configured, &text)?;
        Ok(Verdict { version: Some(version), problems })
    }

    /// The configuration in force, or the draft. The primary's publication
    /// stands for it while there is none in force.
    ///
    /// # Errors
    /// `NotFound` where there is none.
    pub fn current(&self, draft: bool) -> Result<String, Fault> {
        self.state()?;
        let configured = self.configured()?;
        if draft {
            return configured.draft.ok_or_else(no_draft);
        }
        let in_force = adoption(&self.draft(), configured.version)?.map(|adoption| adoption.text);
        in_force.or_else(|| configured.published.map(|published| published.text)).ok_or_else(|| {
            Fault::NotFound(
                "no configuration is in force: make one with `ferry config example`, then publish it (primary) or \
                 adopt it (secondary)"
                    .to_owned(),
            )
        })
    }

    /// Where the configuration stands.
    ///
    /// # Errors
    /// The store's.
    pub fn agreement(&self) -> Result<Agreement, Fault> {
        Ok(self.configured()?.agreement())
    }

    /// Everything that is configured here.
    ///
    /// # Errors
    /// The store's.
    pub fn configured(&self) -> Result<Configured, Fault> {
        Ok(self.draft().get(&tables::CONFIGURED, &())?.unwrap_or_default())
    }

    /// How our tracker answers to what was adopted under a version; none for a
    /// version that was not adopted here.
    ///
    /// # Errors
    /// The store's and the tracker's.
    pub fn mapping(&self, version: u32) -> Result<Option<Mapping>, Fault> {
        let Some(adoption) = adoption(&self.draft(), version)? else { return Ok(None) };
        self.compiled(&adoption, self.state()?.side).map(Some)
    }

    /// How our tracker answers to what was adopted.
    pub(super) fn compiled(&self, adoption: &Adoption, side: Side) -> Result<Mapping, Fault> {
        let seen = self.seen()?;
        match Mapping::compile(&adoption.text, &adoption.scope, side, &seen.schema) {
            Ok(mapping) => Ok(mapping.with_markup(seen.identity.markup)),
            Err(problems) => Err(Fault::Other(format!(
                "version {} of the configuration can't be read any more: {}",
                adoption.scope.version,
                problems.first().map_or("", |problem| problem.message.as_str())
            ))),
        }
    }

    /// What the secondary's configuration answers.
    fn to_answer(&self) -> Result<Scope, Fault> {
        let configured = self.configured()?;
        configured.offered.map(|offer| offer.scope).or(configured.whole).ok_or_else(|| {
            Fault::NotAllowed(
                "the partner has not published a configuration yet: wait until `ferry sync status` says \
                 update-required"
                    .to_owned(),
            )
        })
    }

    fn may_configure(&self, wanted: Side) -> Result<(), Fault> {
        let state = self.state()?;
        let refused = |why: &str| Err(Fault::NotAllowed(why.to_owned()));
        if state.side != wanted {
            return refused(match wanted {
                Side::Primary => {
                    "this side is the secondary: it answers with `ferry config adopt`; the primary publishes"
                }
                Side::Secondary => {
                    "this side is the primary: it publishes with `ferry config publish`; the secondary adopts"
                }
            });
        }
        match state.status {
            Status::Handshake => refused(
                "the two sides are not connected yet: run both (`ferry run`) until `ferry sync status` says stopped; \
                 meanwhile `ferry config check` and `ferry config draft` work on the primary",
            ),
            Status::Suspended => refused("the synchronization is suspended: see `ferry sync status` for the reason"),
            Status::RestartRequired => refused("the positions disagree: confirm with `ferry sync reconcile` first"),
            Status::DeletedByPartner => refused("the partner deleted its side: nobody is left to share with"),
            Status::Stopped | Status::Running if wanted == Side::Secondary && state.reunion != Reunion::None => {
                refused(
                    "both sides compare what they know after a restore, and it isn't said yet what is shared now: let \
                 both run, and adopt then",
                )
            }
            Status::Stopped | Status::Running => Ok(()),
        }
    }

    fn append(&self, draft: &mut Draft<'_>, body: Body) -> Result<(), Fault> {
        let mut outbox = Outbox::open(draft)?;
        outbox.append(draft, self.ports.wire, 0, body)?;
        outbox.finish(draft)
    }

    /// Commits; a draft that has become the configuration is a draft no more.
    fn settled(&self, mut draft: Draft<'_>, mut configured: Configured, text: &str) -> Result<(), Fault> {
        if configured.draft.as_deref() == Some(text) {
            configured.draft = None;
        }
        draft.put(&tables::CONFIGURED, &(), &configured)?;
        Ok(draft.commit()?)
    }
}

/// Takes a message about the configuration from the partner: `Configuration`,
/// `Adopted` or `Switched`; any other is no business of this.
///
/// # Errors
/// The store's.
pub(crate) fn configured(
    engine: &Engine<'_>,
    draft: &mut Draft<'_>,
    body: &Body,
    outbox: &mut Outbox,
    now: Time,
) -> Result<Taken, Fault> {
    let mut known: Configured = draft.get(&tables::CONFIGURED, &())?.unwrap_or_default();
    let taken = match (engine.state()?.side, body) {
        (Side::Secondary, Body::Configuration(Configuration { scope })) => {
            let latest = known.offered.as_ref().map_or(known.version, |offer| offer.scope.version);
            if scope.version > latest {
                known.offered = Some(Offer { scope: scope.clone(), since: now });
            }
            Taken::default()
        }
        (Side::Primary, Body::Adopted(Adopted { scope })) => {
            let Some(published) = answered(&mut known, scope.version) else { return Ok(Taken::default()) };
            let scope = published.scope.narrowed(scope);
            let version = scope.version;
            draft.put(&tables::ADOPTIONS, &version, &Adoption { text: published.text, scope })?;
            known.switch(version, published.scope, now);
            outbox.append(draft, engine.ports.wire, 0, Body::Switched(Switched { version }))?;
            Taken { switched: true }
        }
        _ => return Ok(Taken::default()),
    };
    draft.put(&tables::CONFIGURED, &(), &known)?;
    Ok(taken)
}

/// The publication that an answer of that version means, the latest or one
/// that was replaced meanwhile; those before it won't be answered any more.
fn answered(known: &mut Configured, version: u32) -> Option<Publication> {
    let latest = known.published.take_if(|published| published.scope.version == version);
    let place = known.superseded.iter().position(|published| published.scope.version == version);
    let found = latest.or_else(|| place.map(|place| known.superseded.remove(place)))?;
    known.superseded.retain(|published| published.scope.version > version);
    Some(found)
}

/// Our own names for what is shared change; what is shared doesn't.
fn replace_text(configured: &mut Configured, draft: &mut Draft<'_>, text: &str) -> Result<(), Fault> {
    if let Some(adoption) = adoption(draft, configured.version)? {
        let changed = Adoption { text: text.to_owned(), ..adoption };
        draft.put(&tables::ADOPTIONS, &configured.version, &changed)?;
        configured.revision += 1;
    }
    Ok(())
}

fn adoption(draft: &Draft<'_>, version: u32) -> Result<Option<Adoption>, Fault> {
    Ok(draft.get(&tables::ADOPTIONS, &version)?)
}

fn given_or_draft(text: Option<&str>, configured: &Configured) -> Result<String, Fault> {
    text.map(str::to_owned).or_else(|| configured.draft.clone()).ok_or_else(no_draft)
}

fn no_draft() -> Fault {
    Fault::NotFound("there is no draft: keep one with `ferry config draft`, or name a file".to_owned())
}

/// A text that was checked.
fn parsed(text: &str) -> Text {
    config::read(&mut Problems::of(text))
}
