//! One budget of one minute, counted: what each client has sent in it, and what Okta says is left. Pure; time is an argument.
//!
//! Counts err towards too much: a call under way when a window begins is counted in the new one, and one under way is taken off
//! what Okta stated last, whether or not Okta had counted it already.

use access::Share;
use tokio::time::Instant;

use super::Stated;
use super::register::{Applicant, Party};
use super::share::{Member, Room, Scene, WINDOW, ahead, melting_time};
use crate::limits::{FLOOR_PERCENT, UNKNOWN_AT_ONCE_MAX};

/// Counts of one budget.
#[derive(Debug, Default)]
pub(super) struct Window {
    knowledge: Knowledge,
    members: Vec<Member>,
    /// Calls in this window by priority.
    by_priority: [u32; 4],
    under_way: u32,
    foreign_before: u32,
    /// Windows seen to their end.
    seen: u32,
}

#[derive(Debug, Clone, Copy)]
enum Knowledge {
    /// Nothing is known of the present window; maybe the limit of the last.
    Nothing { limit: Option<u32> },
    /// Answers state no limit.
    Unlimited,
    /// Stated by the last answer.
    Stated(Known),
}

#[derive(Debug, Clone, Copy)]
struct Known {
    limit: u32,
    remaining: u32,
    reset: i64,
    ends: Instant,
}

impl Default for Knowledge {
    fn default() -> Self {
        Self::Nothing { limit: None }
    }
}

/// What a client may do now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Admission {
    /// Send.
    Granted,
    /// Ask again then, or after news. `ends` is the window's end.
    Later { look: Instant, ends: Instant },
    /// Wait for the answer of the calls that find out.
    AfterNews,
}

impl Window {
    /// Ends the window if it is over.
    pub(super) fn turn(&mut self, now: Instant) {
        if let Knowledge::Stated(known) = self.knowledge
            && now >= known.ends
        {
            let limit = Some(known.limit);
            // What was counted long ago says nothing of what is wanted now.
            let idle = now.saturating_duration_since(known.ends) > WINDOW;
            self.begin(Knowledge::Nothing { limit }, idle);
        }
    }

    /// Whether the applicant may make one call; counts nothing.
    pub(super) fn judge(&self, applicant: &Applicant, now: Instant) -> Admission {
        match self.knowledge {
            Knowledge::Unlimited => Admission::Granted,
            Knowledge::Nothing { limit } => {
                let at_once = match limit {
                    _ if applicant.is_patient() => 1,
                    Some(limit) => (limit / 4).max(1),
                    None => UNKNOWN_AT_ONCE_MAX,
                };
                if self.under_way < at_once {
                    Admission::Granted
                } else {
                    Admission::AfterNews
                }
            }
            Knowledge::Stated(known) => self.judge_known(&known, applicant, now),
        }
    }

    fn judge_known(&self, known: &Known, applicant: &Applicant, now: Instant) -> Admission {
        let Known { limit, ends, .. } = *known;
        let (pace, sent) = (applicant.pace, self.sent_by(applicant.party));
        if sent >= pace.share_of(limit) || self.spent(known) >= pace.ceiling_of(limit) {
            return Admission::Later { look: ends, ends };
        }
        let room = self
            .scene(known, now)
            .room(applicant.party, applicant.share);
        if room.free >= 1 {
            return Admission::Granted;
        }
        Admission::Later {
            look: now + melting_time(room, ends, now),
            ends,
        }
    }

    /// Counts one call of the applicant's.
    pub(super) fn take(&mut self, applicant: &Applicant) {
        let member = self.member(applicant.party, applicant.share);
        member.sent = member.sent.saturating_add(1);
        member.under_way += 1;
        self.under_way += 1;
        self.add(applicant.share, 1);
    }

    /// Whether a call that is `position`th from now among those of its rank could be made at `then`, as far as can be told.
    pub(super) fn serves(
        &self,
        applicant: &Applicant,
        position: u32,
        now: Instant,
        then: Instant,
    ) -> bool {
        let Knowledge::Stated(known) = self.knowledge else {
            return true;
        };
        if then >= known.ends {
            return position <= known.limit;
        }
        let pace = applicant.pace;
        let sent = self.sent_by(applicant.party);
        if sent >= pace.share_of(known.limit) || self.spent(&known) >= pace.ceiling_of(known.limit)
        {
            return false;
        }
        let scene = self.scene(&known, now);
        let Room { free, kept } = scene.room(applicant.party, applicant.share);
        let later = i64::from(ahead(known.ends, then));
        let melted = kept - kept * later / i64::from(scene.ahead.max(1));
        free + melted >= i64::from(position)
    }

    /// Takes in what an answer to a call of this budget stated; `None` if it stated nothing.
    pub(super) fn learn(&mut self, stated: Option<Stated>, now: Instant) {
        let Some(stated) = stated else {
            if matches!(self.knowledge, Knowledge::Nothing { .. }) {
                self.knowledge = Knowledge::Unlimited;
            }
            return;
        };
        let fresh = Known {
            limit: stated.limit,
            remaining: stated.remaining,
            reset: stated.reset,
            ends: now + stated.until_reset(),
        };
        match &mut self.knowledge {
            Knowledge::Stated(known) if known.reset == stated.reset => {
                known.limit = stated.limit;
                known.remaining = stated.remaining.min(known.remaining);
            }
            Knowledge::Stated(known) if stated.reset < known.reset => {}
            // A later end before the known one has passed: the window slides, and counts go on.
            Knowledge::Stated(known) if stated.date < known.reset - 1 => *known = fresh,
            Knowledge::Stated(_) => self.begin(Knowledge::Stated(fresh), false),
            Knowledge::Nothing { .. } | Knowledge::Unlimited => {
                self.knowledge = Knowledge::Stated(fresh);
            }
        }
    }

    /// Ends one call of the client's; one that was never sent is not counted after all.
    pub(super) fn settle(&mut self, party: Party, share: Share, was_sent: bool) {
        self.under_way = self.under_way.saturating_sub(1);
        let member = self.member(party, share);
        member.under_way = member.under_way.saturating_sub(1);
        if !was_sent {
            member.sent = member.sent.saturating_sub(1);
            self.add(share, -1);
        }
    }

    /// Moves one call under way over to `other`.
    pub(super) fn hand_over(&mut self, applicant: &Applicant, other: &mut Self) {
        self.settle(applicant.party, applicant.share, false);
        other.take(applicant);
    }

    /// Counts calls of the client that began or ceased to wait for this budget.
    pub(super) fn wait(&mut self, applicant: &Applicant, more: bool) {
        let member = self.member(applicant.party, applicant.share);
        member.waiting = if more {
            member.waiting + 1
        } else {
            member.waiting.saturating_sub(1)
        };
    }

    /// Adds the counts of a budget that turned out to be this one.
    pub(super) fn absorb(&mut self, other: &Self) {
        for theirs in &other.members {
            let member = self.member(theirs.party, theirs.share);
            member.sent += theirs.sent;
            member.under_way += theirs.under_way;
            member.waiting += theirs.waiting;
            self.under_way += theirs.under_way;
            let sent = i64::from(theirs.sent);
            self.add(theirs.share, sent);
        }
    }

    /// The limit, what is left and when it ends, if stated.
    pub(super) fn stated(&self) -> Option<(u32, u32, Instant)> {
        match self.knowledge {
            Knowledge::Stated(known) => Some((known.limit, known.remaining, known.ends)),
            Knowledge::Nothing { .. } | Knowledge::Unlimited => None,
        }
    }

    /// Calls left for the client at this moment, if a limit is stated.
    pub(super) fn left_for(&self, party: Party, share: Share, now: Instant) -> Option<u32> {
        let Knowledge::Stated(known) = self.knowledge else {
            return None;
        };
        let free = self.scene(&known, now).room(party, share).free.max(0);
        Some(u32::try_from(free).unwrap_or(u32::MAX))
    }

    /// Calls sent in this window, all clients together.
    pub(super) fn sent(&self) -> u32 {
        let sum = |sum: u32, sent: &u32| sum.saturating_add(*sent);
        self.by_priority.iter().fold(0, sum)
    }

    /// Calls of the client in this window, where the window is known.
    pub(super) fn sent_by(&self, party: Party) -> u32 {
        self.found(party).map_or(0, |member| member.sent)
    }

    /// Calls of the client, or of all, that wait for this budget.
    pub(super) fn waiting(&self, party: Option<Party>) -> u32 {
        match party {
            Some(party) => self.found(party).map_or(0, |member| member.waiting),
            None => self.members.iter().map(|member| member.waiting).sum(),
        }
    }

    /// Whether clients of this priority have had so little that they go first for once.
    pub(super) fn is_below_floor(&self, share: Share) -> bool {
        let sent = self.by_priority.get(share.priority as usize);
        let sent = u64::from(sent.copied().unwrap_or_default());
        sent * 100 < u64::from(self.sent()) * u64::from(FLOOR_PERCENT)
    }

    /// Whether the window counts calls against a limit.
    pub(super) const fn is_known(&self) -> bool {
        matches!(self.knowledge, Knowledge::Stated(_))
    }

    fn spent(&self, known: &Known) -> u32 {
        let stated = known.limit.saturating_sub(known.remaining);
        stated.saturating_add(self.under_way)
    }

    fn scene(&self, known: &Known, now: Instant) -> Scene<'_> {
        let answered = self.sent().saturating_sub(self.under_way);
        let spent = known.limit.saturating_sub(known.remaining);
        Scene {
            members: &self.members,
            limit: known.limit,
            left: known.remaining.saturating_sub(self.under_way),
            foreign: spent.saturating_sub(answered),
            foreign_before: self.foreign_before,
            ahead: ahead(known.ends, now),
            cold: self.seen == 0,
        }
    }

    /// Begins a window; after an idle time, without memory of the one before.
    fn begin(&mut self, knowledge: Knowledge, idle: bool) {
        if let Knowledge::Stated(known) = self.knowledge {
            let answered = self.sent().saturating_sub(self.under_way);
            let spent = known.limit.saturating_sub(known.remaining);
            self.foreign_before = if idle {
                0
            } else {
                spent.saturating_sub(answered)
            };
            self.seen = self.seen.saturating_add(1);
        }
        self.knowledge = knowledge;
        self.by_priority = [0; 4];
        self.members.retain_mut(|member| {
            member.before = if idle { 0 } else { member.sent };
            member.sent = member.under_way;
            member.before + member.under_way + member.waiting > 0
        });
        for place in 0..self.members.len() {
            if let Some(Member { share, sent, .. }) = self.members.get(place).copied() {
                self.add(share, i64::from(sent));
            }
        }
    }

    fn add(&mut self, share: Share, calls: i64) {
        if let Some(sent) = self.by_priority.get_mut(share.priority as usize) {
            let sum = i64::from(*sent) + calls;
            *sent = u32::try_from(sum.max(0)).unwrap_or(u32::MAX);
        }
    }

    fn found(&self, party: Party) -> Option<&Member> {
        self.members.iter().find(|member| member.party == party)
    }

    fn member(&mut self, party: Party, share: Share) -> &mut Member {
        let known = self.members.iter().position(|one| one.party == party);
        let place = known.unwrap_or_else(|| {
            self.members.push(Member::new(party, share));
            self.members.len() - 1
        });
        // The place is that of a member found or just added.
        #[expect(clippy::indexing_slicing, reason = "found or added above")]
        let member = &mut self.members[place];
        member.share = share;
        member
    }
}
