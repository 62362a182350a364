//! The evaluator: an expression over one question, without allocating.
//!
//! Meaning is Cedar's. An error has no kind here: whatever errs, the statement is skipped.

use catalog::Operation;

use crate::address::Network;
use crate::entity::{ACTION, CLIENT, TEAM};
use crate::expression::{Binary, Expression, Unary, Variable};
use crate::hierarchy::is_within;
use crate::plain::Asker;
use crate::plan::Setting;
use crate::question::{Attribute, Object, Question};
use crate::schema::action_groups;
use crate::value::{EntityRef, Members, Value};

/// Something that cannot be computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Skipped;

/// All that an expression can see.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scene<'a> {
    asker: &'a Asker,
    operation: &'static Operation,
    objects: &'a [Object],
    fields: &'a [String],
    source: Option<Network>,
    now: i64,
}

impl<'a> Scene<'a> {
    /// A question of the asker.
    pub(crate) fn new(asker: &'a Asker, question: &Question<'a>) -> Self {
        Self {
            asker,
            operation: question.operation,
            objects: question.objects,
            fields: question.fields,
            source: question.source.map(Network::single),
            now: question.now.as_millisecond(),
        }
    }

    /// Before there is a question: enough for expressions of constants.
    pub(crate) const fn empty(setting: &Setting<'a>) -> Self {
        Self {
            asker: setting.asker,
            operation: setting.operation,
            objects: &[],
            fields: &[],
            source: None,
            now: 0,
        }
    }

    /// The object of this identity, as it is first told.
    fn object(&self, entity: EntityRef<'_>) -> Option<&'a Object> {
        let same = |object: &&Object| *object.id == *entity.id && object.entity == entity.entity;
        self.objects.iter().find(same)
    }

    /// Whether `wanted` is true of the entity or of anything it is in.
    fn is_within(&self, below: EntityRef<'_>, wanted: &dyn Fn(EntityRef<'_>) -> bool) -> bool {
        if wanted(below) {
            return true;
        }
        match below.entity {
            CLIENT => {
                let is = |id: &String| wanted(EntityRef { entity: TEAM, id });
                below.id == self.asker.client && self.asker.teams.iter().any(is)
            }
            ACTION => {
                let is = |id| wanted(EntityRef { entity: ACTION, id });
                below.id == self.operation.id && action_groups(self.operation).into_iter().any(is)
            }
            _ => self
                .object(below)
                .is_some_and(|object| is_within(object, self.objects, &self.asker.org, wanted)),
        }
    }
}

/// The value of an expression.
pub(crate) fn evaluate<'a>(
    expression: &'a Expression,
    scene: &Scene<'a>,
) -> Result<Value<'a>, Skipped> {
    Ok(match expression {
        Expression::Constant(constant) => constant.value(),
        Expression::Object(place) => {
            let object = scene.objects.get(*place).ok_or(Skipped)?;
            Value::Entity(EntityRef {
                entity: object.entity,
                id: &object.id,
            })
        }
        Expression::Source => Value::Address(scene.source.ok_or(Skipped)?),
        Expression::HasSource => Value::Flag(scene.source.is_some()),
        Expression::Fields => Value::Set(Members::Fields(scene.fields)),
        Expression::Now => Value::Datetime(scene.now),
        Expression::Attribute(of, name) => {
            let object = scene.object(entity(evaluate(of, scene)?)?).ok_or(Skipped)?;
            read(object.attribute(name).ok_or(Skipped)?)
        }
        Expression::Has(of, name) => {
            let object = scene.object(entity(evaluate(of, scene)?)?);
            Value::Flag(object.is_some_and(|object| object.attribute(name).is_some()))
        }
        Expression::Is(of, name) => Value::Flag(entity(evaluate(of, scene)?)?.entity == *name),
        Expression::Like(of, glob) => match evaluate(of, scene)? {
            Value::Text(text) => Value::Flag(glob.matches(text)),
            _ => return Err(Skipped),
        },
        Expression::Unary(operator, of) => unary(*operator, evaluate(of, scene)?)?,
        Expression::Binary(operator, both) => {
            let left = evaluate(&both.0, scene)?;
            binary(*operator, left, evaluate(&both.1, scene)?, scene)?
        }
        Expression::And(parts) => Value::Flag(chain(parts, false, scene)?),
        Expression::Or(parts) => Value::Flag(chain(parts, true, scene)?),
        Expression::If(parts) => {
            let chosen = if flag(evaluate(&parts.0, scene)?)? {
                &parts.1
            } else {
                &parts.2
            };
            evaluate(chosen, scene)?
        }
        Expression::Variable(Variable::Principal | Variable::Action | Variable::Resource)
        | Expression::Context(_)
        | Expression::ContextHas(_) => return Err(Skipped),
    })
}

/// Whether the question satisfies the expression.
pub(crate) fn is_true<'a>(expression: &'a Expression, scene: &Scene<'a>) -> bool {
    evaluate(expression, scene).and_then(flag) == Ok(true)
}

fn chain<'a>(parts: &'a [Expression], stop: bool, scene: &Scene<'a>) -> Result<bool, Skipped> {
    for part in parts {
        if flag(evaluate(part, scene)?)? == stop {
            return Ok(stop);
        }
    }
    Ok(!stop)
}

fn read(attribute: &Attribute) -> Value<'_> {
    match attribute {
        Attribute::Text(text) => Value::Text(text),
        Attribute::Flag(flag) => Value::Flag(*flag),
        Attribute::Number(number) => Value::Number(*number),
        Attribute::Texts(texts) => Value::Set(Members::Texts(texts)),
    }
}

const fn flag(value: Value<'_>) -> Result<bool, Skipped> {
    match value {
        Value::Flag(flag) => Ok(flag),
        _ => Err(Skipped),
    }
}

const fn entity(value: Value<'_>) -> Result<EntityRef<'_>, Skipped> {
    match value {
        Value::Entity(entity) => Ok(entity),
        _ => Err(Skipped),
    }
}

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

fn unary<'a>(operator: Unary, of: Value<'a>) -> Result<Value<'a>, Skipped> {
    Ok(match (operator, of) {
        (Unary::Not, Value::Flag(flag)) => Value::Flag(!flag),
        (Unary::Negate, Value::Number(number)) => {
            Value::Number(number.checked_neg().ok_or(Skipped)?)
        }
        (Unary::IsEmpty, Value::Set(members)) => Value::Flag(members.is_empty()),
        (Unary::IsIpv4, Value::Address(network)) => Value::Flag(network.is_ipv4()),
        (Unary::IsIpv6, Value::Address(network)) => Value::Flag(network.is_ipv6()),
        (Unary::IsLoopback, Value::Address(network)) => Value::Flag(network.is_loopback()),
        (Unary::IsMulticast, Value::Address(network)) => Value::Flag(network.is_multicast()),
        (Unary::ToDate, Value::Datetime(at)) => {
            Value::Datetime(at.checked_sub(at.rem_euclid(DAY_MS)).ok_or(Skipped)?)
        }
        (Unary::ToTime, Value::Datetime(at)) => Value::Duration(at.rem_euclid(DAY_MS)),
        (Unary::ToMilliseconds, Value::Duration(length)) => Value::Number(length),
        (Unary::ToSeconds, Value::Duration(length)) => Value::Number(length / 1000),
        (Unary::ToMinutes, Value::Duration(length)) => Value::Number(length / 60_000),
        (Unary::ToHours, Value::Duration(length)) => Value::Number(length / 3_600_000),
        (Unary::ToDays, Value::Duration(length)) => Value::Number(length / DAY_MS),
        _ => return Err(Skipped),
    })
}

fn binary<'a>(
    operator: Binary,
    left: Value<'a>,
    right: Value<'a>,
    scene: &Scene<'a>,
) -> Result<Value<'a>, Skipped> {
    Ok(match (operator, left, right) {
        (Binary::Equal, left, right) => Value::Flag(left.equals(right)),
        (Binary::In, Value::Entity(below), above) => Value::Flag(within(below, above, scene)?),
        (Binary::Less, Value::Number(one), Value::Number(other))
        | (Binary::Less, Value::Datetime(one), Value::Datetime(other))
        | (Binary::Less, Value::Duration(one), Value::Duration(other)) => Value::Flag(one < other),
        (Binary::LessOrEqual, Value::Number(one), Value::Number(other))
        | (Binary::LessOrEqual, Value::Datetime(one), Value::Datetime(other))
        | (Binary::LessOrEqual, Value::Duration(one), Value::Duration(other)) => {
            Value::Flag(one <= other)
        }
        (Binary::Contains, Value::Set(members), member) => Value::Flag(members.has(member)),
        (Binary::ContainsAll, Value::Set(members), Value::Set(others)) => {
            Value::Flag(members.has_all(others))
        }
        (Binary::ContainsAny, Value::Set(members), Value::Set(others)) => {
            Value::Flag(members.has_any(others))
        }
        (Binary::IsInRange, Value::Address(network), Value::Address(range)) => {
            Value::Flag(network.is_in_range(range))
        }
        (operator, left, right) => return arithmetic(operator, left, right),
    })
}

fn arithmetic<'a>(
    operator: Binary,
    left: Value<'a>,
    right: Value<'a>,
) -> Result<Value<'a>, Skipped> {
    let value = match (operator, left, right) {
        (Binary::Add, Value::Number(one), Value::Number(other)) => {
            one.checked_add(other).map(Value::Number)
        }
        (Binary::Subtract, Value::Number(one), Value::Number(other)) => {
            one.checked_sub(other).map(Value::Number)
        }
        (Binary::Multiply, Value::Number(one), Value::Number(other)) => {
            one.checked_mul(other).map(Value::Number)
        }
        (Binary::Offset, Value::Datetime(at), Value::Duration(length)) => {
            at.checked_add(length).map(Value::Datetime)
        }
        (Binary::DurationSince, Value::Datetime(at), Value::Datetime(since)) => {
            at.checked_sub(since).map(Value::Duration)
        }
        _ => None,
    };
    value.ok_or(Skipped)
}

/// Cedar's `in`: an entity, or any of a set of them.
fn within(below: EntityRef<'_>, above: Value<'_>, scene: &Scene<'_>) -> Result<bool, Skipped> {
    match above {
        Value::Entity(above) => Ok(scene.is_within(below, &|entity| entity == above)),
        Value::Set(members) if members.are_entities() => {
            Ok(scene.is_within(below, &|entity| members.has(Value::Entity(entity))))
        }
        _ => Err(Skipped),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::condition::Condition;
    use crate::marks::Marks;
    use crate::plain::is_satisfied;
    use crate::slot::objects_of;
    use crate::statement::Statement;
    use catalog::operations;
    use cedar_policy::Policy;
    use jiff::Timestamp;

    /// Conditions on `getUser` of an active person, at half past one in the morning of 2026-11-24 UTC, from 10.1.2.3.
    const CONDITIONS: [(&str, bool); 40] = [
        ("2 > 2", false),
        ("2 >= 2", true),
        ("2 < 2", false),
        ("2 <= 2", true),
        ("-(3) * 2 == 1 - 7", true),
        ("9223372036854775807 + 1 > 0", false),
        ("!(9223372036854775807 + 1 > 0)", false),
        ("9223372036854775807 + 1 > 0 || true", false),
        ("true || 9223372036854775807 + 1 > 0", true),
        ("!(9223372036854775807 + 1 > 0 && false)", false),
        (
            "if 1 == 2 then 9223372036854775807 + 1 == 0 else true",
            true,
        ),
        ("context.now.toTime() > duration(\"1h30m\")", false),
        ("context.now.toTime() >= duration(\"1h30m\")", true),
        ("context.now.toDate() == datetime(\"2026-11-24\")", true),
        (
            "datetime(\"1970-01-01\").offset(duration(\"-1h\")).toTime() == duration(\"23h\")",
            true,
        ),
        ("duration(\"-90m\").toHours() == -1", true),
        (
            "context.now.durationSince(datetime(\"2026-11-23\")).toDays() == 1",
            true,
        ),
        ("duration(\"90m\").toMinutes() == 90", true),
        ("duration(\"90s\").toSeconds() == 90", true),
        ("duration(\"90s\").toMilliseconds() == 90000", true),
        ("!context.fields.isEmpty()", true),
        ("context.source.isIpv4() && !context.source.isIpv6()", true),
        ("!context.source.isLoopback()", true),
        ("!context.source.isMulticast()", true),
        ("context.source.isInRange(ip(\"10.0.0.0/8\"))", true),
        ("ip(\"10.0.0.0/8\").isInRange(ip(\"10.0.0.0/16\"))", false),
        ("ip(\"127.0.0.0/7\").isLoopback()", false),
        ("ip(\"10.1.2.3/31\") == context.source", false),
        ("resource.login like \"ada@*.com\"", true),
        ("resource.login like \"*ada\"", false),
        ("resource has department", false),
        (
            "!(resource has department && resource.department == \"Sales\")",
            true,
        ),
        (
            "resource in [Group::\"z\", Group::\"staff\", Group::\"a\"]",
            true,
        ),
        (
            "[User::\"z\", User::\"00u1\", User::\"a\"].contains(resource)",
            true,
        ),
        (
            "resource in Org::\"acme\" && !(resource in Org::\"other\")",
            true,
        ),
        ("context.fields == [\"b\", \"a\", \"b\"]", true),
        (
            "context.fields.containsAny([\"x\", \"a\"]) && !context.fields.containsAll([\"x\", \"a\"])",
            true,
        ),
        ("context.fields.isEmpty()", false),
        (
            "action in Action::\"okta.users.read\" && !(action in Action::\"write\")",
            true,
        ),
        (
            "principal in Team::\"ops\" && principal != Client::\"cron\"",
            true,
        ),
    ];

    #[test]
    fn conditions_mean_what_they_mean_in_cedar() {
        let operation = operations().by_id("getUser").unwrap();
        let text = |text: &str| Attribute::Text(text.into());
        let ada = [Object::bare("User", "00u1")
            .with("login", text("ada@example.com"))
            .with("status", text("ACTIVE"))
            .with("admin", Attribute::Flag(false))
            .inside("Group", "staff")];
        let fields = ["a".to_owned(), "b".to_owned()];
        let question = Question {
            operation,
            objects: &ada,
            source: Some([10, 1, 2, 3].into()),
            fields: &fields,
            now: "2026-11-24T01:30:00Z".parse::<Timestamp>().unwrap(),
        };
        let asker = Asker {
            org: "acme".into(),
            client: "bot".into(),
            teams: vec!["dev".into(), "ops".into()],
        };
        let setting = Setting {
            asker: &asker,
            operation,
            slots: objects_of(operation),
        };
        for (condition, expected) in CONDITIONS {
            let policy = format!(
                "permit (principal, action == Action::\"getUser\", resource) when {{ {condition} }};"
            );
            let policy = Policy::parse(None, policy).unwrap();
            let statement = Statement::compile("p".into(), &policy, Marks::default()).unwrap();
            let ours = match statement.condition.settle(&setting) {
                Condition::Always => true,
                Condition::Never => false,
                Condition::When(expression) => is_true(&expression, &Scene::new(&asker, &question)),
                Condition::Plain => panic!("{condition} is left to Cedar"),
            };
            let plain = is_satisfied(statement.cedar.as_ref().unwrap(), &asker, &question).unwrap();
            assert_eq!((ours, plain), (expected, expected), "{condition}");
        }
    }
}
