//! What a place of a call is for: an id, a login, a URL, text for people. Decides which checks a value gets. Knows no values.

use serde::Deserialize;

/// What a string stands for in its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Slot {
    /// Id or name of an object, a key, a code: letters, digits and few signs, no spaces.
    Identifier,
    /// Sign-in name of a person: mostly an email address.
    Login,
    /// Email address.
    Email,
    /// Address that Okta shows or links to.
    Url,
    /// Address that Okta itself calls: a hook, a token endpoint, a key set, a log stream.
    Callout,
    /// Address that a browser or an app is sent back to, with codes or assertions.
    Redirect,
    /// Text written by people for people: names, descriptions, attributes of a profile.
    FreeText,
    /// Okta expression language, or a filter.
    Expression,
    /// HTML or text of a page, an email or a message.
    Template,
    /// Certificate or public key: PEM, base64, a JWK member.
    Certificate,
    /// Password, client secret, token: any characters are meant so.
    Secret,
    /// One of a list of words.
    Enum,
    /// Date or time.
    Date,
    /// Language or country tag.
    Locale,
    /// Telephone number.
    Phone,
    /// Duration, range, version, network: digits and few signs.
    Measure,
    /// Regular expression or other pattern.
    Pattern,
    /// Value of a member that the catalog does not know, outside places where tenants name members themselves.
    Unknown,
}
