//! Random expressions of Cedar, well typed for one operation.

use catalog::Operation;
use policy::{AttributeKind, AttributeType, action_groups, entity_type, objects_of};

use crate::world::{CLIENTS, Dice, FIELDS, TEAMS, TEXTS, entity, resource_of};

/// Writes expressions for conditions over one operation.
pub(crate) struct Writer<'d> {
    dice: &'d mut Dice,
    home: &'static Operation,
    /// The statement is about other operations, too: whatever only `home` has must be asked for first.
    guarded: bool,
}

impl<'d> Writer<'d> {
    pub(crate) const fn new(dice: &'d mut Dice, home: &'static Operation, guarded: bool) -> Self {
        Self {
            dice,
            home,
            guarded,
        }
    }

    /// A truth value.
    pub(crate) fn flag(&mut self, depth: u8) -> String {
        if depth == 0 || self.dice.one_in(4) {
            return self.plain_flag();
        }
        let next = depth - 1;
        match self.dice.0.u8(..14) {
            12 => {
                let (erring, other) = (self.erring(), self.plain_flag());
                let operator = self.dice.pick(&["&&", "||"]);
                let chain = self.dice.pick(&[
                    format!("{erring} {operator} ({other})"),
                    format!("({other}) {operator} {erring}"),
                ]);
                self.dice
                    .pick(&[format!("!({chain})"), format!("({chain})")])
            }
            13 => self.erring(),
            0 => format!("!({})", self.flag(next)),
            1..=3 => format!("({} && {})", self.flag(next), self.flag(next)),
            4..=6 => format!("({} || {})", self.flag(next), self.flag(next)),
            7 => format!(
                "(if {} then {} else {})",
                self.flag(next),
                self.flag(next),
                self.flag(next)
            ),
            8 => format!("(({}) == ({}))", self.flag(next), self.flag(next)),
            9 => {
                let operator = self.dice.pick(&["==", "!=", "<", "<=", ">", ">="]);
                format!("({} {operator} {})", self.number(next), self.number(next))
            }
            10 => self.left_to_cedar(next),
            _ => self.plain_flag(),
        }
    }

    fn plain_flag(&mut self) -> String {
        match self.dice.0.u8(..20) {
            0 => self.dice.pick(&["true", "false"]).to_owned(),
            1..=3 => self.of_caller(),
            4..=5 => self.of_action(),
            6..=8 => self.of_fields(),
            9..=10 => self.of_source(),
            11..=12 => self.of_time(),
            13..=15 => self.of_object(),
            _ => self.of_attribute(),
        }
    }

    fn of_caller(&mut self) -> String {
        let (client, team, other) = (
            self.dice.pick(&CLIENTS),
            self.dice.pick(&TEAMS),
            self.dice.pick(&TEAMS),
        );
        match self.dice.0.u8(..6) {
            0 => format!("principal == Client::\"{client}\""),
            1 => format!("principal in Team::\"{team}\""),
            2 => format!("principal in [Team::\"{team}\", Team::\"{other}\"]"),
            3 => format!("principal is Client in Team::\"{team}\""),
            4 => format!("principal in [Client::\"{client}\", Client::\"nobody\"]"),
            _ => format!("principal != Client::\"{client}\""),
        }
    }

    fn of_action(&mut self) -> String {
        let group = self.dice.pick(&action_groups(self.home));
        let other = self.dice.operation();
        match self.dice.0.u8(..4) {
            0 => format!("action == Action::\"{}\"", self.home.id),
            1 => format!("action in Action::\"{group}\""),
            2 => format!("action in [Action::\"{}\", Action::\"read\"]", other.id),
            _ => format!("action != Action::\"{}\"", other.id),
        }
    }

    fn of_fields(&mut self) -> String {
        let (one, other) = (self.dice.pick(&FIELDS), self.dice.pick(&FIELDS));
        match self.dice.0.u8(..7) {
            0 => format!("context.fields.contains(\"{one}\")"),
            1 => format!("context.fields.containsAll([\"{one}\", \"{other}\"])"),
            2 => format!("context.fields.containsAny([\"{one}\", \"{other}\"])"),
            3 => "context.fields.isEmpty()".to_owned(),
            4 => format!("context.fields == [\"{one}\", \"{other}\", \"{one}\"]"),
            5 => format!("[\"{one}\", \"{other}\"].containsAll(context.fields)"),
            _ => format!("[\"profile\", \"x\"].containsAny([\"{one}\", \"y\"])"),
        }
    }

    fn of_source(&mut self) -> String {
        let range = self.dice.pick(&[
            "10.0.0.0/8",
            "0.0.0.0/0",
            "10.0.0.1",
            "192.168.0.0/16",
            "::/0",
            "2001:db8::/32",
            "::1",
        ]);
        let question = match self.dice.0.u8(..9) {
            0 => format!("context.source == ip(\"{range}\")"),
            1 => "context.source.isIpv4()".to_owned(),
            2 => "context.source.isIpv6()".to_owned(),
            3 => "context.source.isLoopback()".to_owned(),
            4 => "context.source.isMulticast()".to_owned(),
            5 => format!("[ip(\"{range}\"), ip(\"::1\")].contains(context.source)"),
            _ => format!("context.source.isInRange(ip(\"{range}\"))"),
        };
        match self.dice.0.u8(..4) {
            0 => format!("!(context has source && {question})"),
            1 => "context has source".to_owned(),
            2 => {
                let part = self.dice.pick(&[
                    "10.0.0.0/7",
                    "10.0.0.0/16",
                    "10.0.0.0/9",
                    "10.0.0.0/8",
                    "::/1",
                    "127.0.0.0/7",
                    "127.0.0.0/8",
                    "224.0.0.0/3",
                ]);
                let test = self.dice.pick(&["isLoopback", "isMulticast"]);
                self.dice.pick(&[
                    format!("ip(\"{range}\").isInRange(ip(\"{part}\"))"),
                    format!("ip(\"{part}\").isInRange(ip(\"{range}\"))"),
                    format!("ip(\"{part}\").{test}()"),
                ])
            }
            _ => format!("(context has source && {question})"),
        }
    }

    fn of_time(&mut self) -> String {
        let date = self.dice.pick(&[
            "1970-01-01",
            "2026-11-24",
            "2026-11-24T08:30:00Z",
            "2026-11-24T08:30:00.125+0100",
        ]);
        let span = self.span();
        let operator = self.dice.pick(&["<", "<=", ">", ">=", "==", "!="]);
        match self.dice.0.u8(..6) {
            5 => format!(
                "datetime(\"{date}\").offset({span}).toTime() {operator} duration(\"8h30m\")"
            ),
            0 => format!("context.now {operator} datetime(\"{date}\")"),
            1 => format!("context.now.toTime() {operator} {span}"),
            2 => format!("context.now.offset({span}) {operator} datetime(\"{date}\")"),
            3 => format!("context.now.durationSince(datetime(\"{date}\")) {operator} {span}"),
            _ => format!("context.now.toDate() {operator} datetime(\"{date}\").offset({span})"),
        }
    }

    fn span(&mut self) -> String {
        let span = self.dice.pick(&[
            "8h30m",
            "0ms",
            "-1d2h",
            "23h59m59s999ms",
            "9223372036854775807ms",
            "-9223372036854775808ms",
            "365d",
        ]);
        format!("duration(\"{span}\")")
    }

    /// A whole number, large enough at times to overflow.
    fn number(&mut self, depth: u8) -> String {
        if depth == 0 || self.dice.one_in(3) {
            let numbers = [
                "0",
                "1",
                "-1",
                "7",
                "9223372036854775807",
                "-9223372036854775808",
            ];
            return self.dice.pick(&numbers).to_owned();
        }
        let next = depth - 1;
        match self.dice.0.u8(..7) {
            0 => format!("({} + {})", self.number(next), self.number(next)),
            1 => format!("({} - {})", self.number(next), self.number(next)),
            2 => format!("({} * {})", self.number(next), self.number(next)),
            3 => format!("-({})", self.number(next)),
            4 => format!(
                "(if {} then {} else {})",
                self.flag(next),
                self.number(next),
                self.number(next)
            ),
            _ => {
                let unit = self.dice.pick(&[
                    "toMilliseconds",
                    "toSeconds",
                    "toMinutes",
                    "toHours",
                    "toDays",
                ]);
                let span = self.span();
                let of = self.dice.pick(&[span, "context.now.toTime()".to_owned()]);
                format!("{of}.{unit}()")
            }
        }
    }

    /// A truth value that some questions make overflow.
    fn erring(&mut self) -> String {
        let question = self.plain_flag();
        let sign = self.dice.pick(&["<", ">"]);
        format!("(9223372036854775807 + (if {question} then 1 else 0) {sign} 0)")
    }

    /// What the compiler does not take on.
    fn left_to_cedar(&mut self, depth: u8) -> String {
        match self.dice.0.u8(..4) {
            0 => "decimal(\"1.5\").lessThan(decimal(\"2.25\"))".to_owned(),
            1 => format!("{{ inner: {} }}.inner", self.flag(depth)),
            2 => {
                let (one, client) = (self.dice.pick(&CLIENTS), self.dice.pick(&CLIENTS));
                format!("[principal, Client::\"{one}\"].contains(Client::\"{client}\")")
            }
            _ => format!(
                "[{}, true].contains({})",
                self.flag(depth),
                self.flag(depth)
            ),
        }
    }

    /// An object of the operation: how it is written, its type, and what must be asked first.
    fn object(&mut self) -> (String, &'static str, Option<String>) {
        let slots = objects_of(self.home);
        if slots.len() < 2 || self.dice.0.bool() {
            let of = resource_of(self.home);
            return (
                "resource".to_owned(),
                of,
                self.guarded.then(|| format!("resource is {of}")),
            );
        }
        let slot = &slots[self.dice.0.usize(1..slots.len())];
        let name = slot.context.clone().unwrap();
        let guard = self.guarded.then(|| format!("context has {name}"));
        (format!("context.{name}"), slot.entity, guard)
    }

    fn of_object(&mut self) -> String {
        let (object, of, guard) = self.object();
        let (above, other) = (entity(self.dice, of), entity(self.dice, of));
        let id = self.dice.id(of);
        let question = match self.dice.0.u8(..8) {
            7 if of != "Org" => format!(
                "[{of}::\"{}\", {of}::\"{}\", {of}::\"{id}\"].contains({object})",
                self.dice.id(of),
                self.dice.id(of)
            ),
            0 | 1 => format!("{object} in {above}"),
            2 => format!("{object} in [{above}]"),
            3 if above.split("::").next() == other.split("::").next() => {
                format!("{object} in [{above}, {other}]")
            }
            4 => format!("{object} is {of} in {above}"),
            5 if of != "Org" => format!("{object} != {of}::\"{id}\""),
            _ if of == "Org" => format!("{object} == Org::\"acme\""),
            _ => format!("{object} == {of}::\"{id}\""),
        };
        guard.map_or(question.clone(), |guard| format!("({guard} && {question})"))
    }

    fn of_attribute(&mut self) -> String {
        let (object, of, guard) = self.object();
        let attributes = entity_type(of).map_or(&[][..], |entity| &entity.attributes);
        if attributes.is_empty() {
            return self.of_fields();
        }
        let attribute: AttributeKind = self.dice.pick(attributes);
        let name = attribute.name;
        let text = self.dice.pick(&TEXTS);
        let reading = format!("{object}.{name}");
        let question = match (attribute.value, self.dice.0.u8(..6)) {
            (AttributeType::Flag, 0) => format!("{reading} == false"),
            (AttributeType::Flag, _) => reading,
            (_, 0) => format!("{reading} == \"{text}\""),
            (_, 1) => format!("{reading} != \"{text}\""),
            (_, 2) => format!("[\"{text}\", \"Sales\"].contains({reading})"),
            (_, 3) => format!("{reading} like \"a\\*b\""),
            (_, _) => {
                let glob = self.dice.pick(&[
                    "*",
                    "a*",
                    "*@example.com",
                    "*e*m*",
                    "ACTIVE",
                    "*ï*",
                    "",
                    "*a",
                    "a*da",
                    "*TI",
                    "*ada",
                    "*e",
                ]);
                format!("{reading} like \"{glob}\"")
            }
        };
        let mut guards: Vec<String> = guard.into_iter().collect();
        if !attribute.required {
            if self.dice.one_in(4) {
                guards.push(format!("!({object} has {name})"));
                return format!("({})", guards.join(" && "));
            }
            let asked = if self.guarded && object != "resource" && self.dice.0.bool() {
                format!("{}.{name}", object.replace("context.", "context has "))
            } else {
                format!("{object} has {name}")
            };
            guards.push(asked);
        }
        guards.push(question);
        format!("({})", guards.join(" && "))
    }
}
