//! The base properties every profile schema of Okta has: facts of Okta's published user and group schemas, one line each.

use serde_json::{Map, Value, json};

/// Base properties of user profiles.
pub(super) fn user() -> Map<String, Value> {
    USER.iter()
        .map(|row| (row.0.to_owned(), property(row)))
        .collect()
}

/// Base properties of group profiles.
pub(super) fn group() -> Map<String, Value> {
    let rows: [(&str, &str, bool, usize); 2] = [
        ("name", "Name", true, 255),
        ("description", "Description", false, 1024),
    ];
    let property = |(name, title, required, longest): (&str, &str, bool, usize)| {
        let mut body = json!({"title": title, "description": title, "type": "string"});
        finish(&mut body, required, "READ_WRITE", None, longest);
        (name.to_owned(), body)
    };
    rows.map(property).into_iter().collect()
}

fn property(row: &Row) -> Value {
    let (_, title, required, self_may, format, shortest, longest) = *row;
    let mut body = json!({"title": title, "type": "string"});
    let shortest = (shortest > 0).then_some(shortest);
    finish(&mut body, required, self_may, shortest, longest);
    if let (Some(members), false) = (body.as_object_mut(), format.is_empty()) {
        members.insert("format".to_owned(), json!(format));
    }
    body
}

fn finish(
    body: &mut Value,
    required: bool,
    self_may: &str,
    shortest: Option<usize>,
    longest: usize,
) {
    let Some(members) = body.as_object_mut() else {
        return;
    };
    if required {
        members.insert("required".to_owned(), json!(true));
    }
    members.insert("mutability".to_owned(), json!("READ_WRITE"));
    members.insert("scope".to_owned(), json!("NONE"));
    if let Some(shortest) = shortest {
        members.insert("minLength".to_owned(), json!(shortest));
    }
    if longest > 0 {
        members.insert("maxLength".to_owned(), json!(longest));
    }
    members.insert(
        "permissions".to_owned(),
        json!([{"principal": "SELF", "action": self_may}]),
    );
    members.insert("master".to_owned(), json!({"type": "PROFILE_MASTER"}));
}

/// Name, title, required, what people may do with their own, format, shortest, longest (0: not bounded).
type Row = (
    &'static str,
    &'static str,
    bool,
    &'static str,
    &'static str,
    usize,
    usize,
);

const WRITE: &str = "READ_WRITE";
const READ: &str = "READ_ONLY";
const HIDE: &str = "HIDE";

const USER: &[Row] = &[
    ("login", "Username", true, WRITE, "", 5, 100),
    ("firstName", "First name", true, WRITE, "", 1, 50),
    ("lastName", "Last name", true, WRITE, "", 1, 50),
    ("middleName", "Middle name", false, READ, "", 0, 0),
    ("honorificPrefix", "Honorific prefix", false, READ, "", 0, 0),
    ("honorificSuffix", "Honorific suffix", false, READ, "", 0, 0),
    ("email", "Primary email", true, WRITE, "email", 0, 0),
    ("title", "Title", false, READ, "", 0, 0),
    ("displayName", "Display name", false, READ, "", 0, 0),
    ("nickName", "Nickname", false, READ, "", 0, 0),
    ("profileUrl", "Profile Url", false, READ, "uri", 0, 0),
    (
        "secondEmail",
        "Secondary email",
        false,
        WRITE,
        "email",
        0,
        0,
    ),
    ("mobilePhone", "Mobile phone", false, WRITE, "", 0, 100),
    ("primaryPhone", "Primary phone", false, HIDE, "", 0, 100),
    ("streetAddress", "Street address", false, HIDE, "", 0, 0),
    ("city", "City", false, HIDE, "", 0, 0),
    ("state", "State", false, HIDE, "", 0, 0),
    ("zipCode", "Zip code", false, HIDE, "", 0, 0),
    (
        "countryCode",
        "Country code",
        false,
        HIDE,
        "country-code",
        0,
        0,
    ),
    ("postalAddress", "Postal Address", false, HIDE, "", 0, 0),
    (
        "preferredLanguage",
        "Preferred language",
        false,
        READ,
        "language-code",
        0,
        0,
    ),
    ("locale", "Locale", false, READ, "locale", 0, 0),
    ("timezone", "Time zone", false, READ, "timezone", 0, 0),
    ("userType", "User type", false, READ, "", 0, 0),
    ("employeeNumber", "Employee number", false, READ, "", 0, 0),
    ("costCenter", "Cost center", false, READ, "", 0, 0),
    ("organization", "Organization", false, READ, "", 0, 0),
    ("division", "Division", false, READ, "", 0, 0),
    ("department", "Department", false, READ, "", 0, 0),
    ("managerId", "ManagerId", false, READ, "", 0, 0),
    ("manager", "Manager", false, READ, "", 0, 0),
];
