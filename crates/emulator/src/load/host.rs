//! Recorded addresses read as the org's own, wherever they stand in a body.

use serde_json::Value;
use std::collections::BTreeSet;

/// The hosts of the recorded orgs.
#[derive(Debug, Default)]
pub(super) struct Hosts(BTreeSet<String>);

impl Hosts {
    /// One more recorded host.
    pub(super) fn add(&mut self, host: &str) {
        if !self.0.contains(host) {
            self.0.insert(host.to_owned());
        }
    }

    /// Rewrites every address of a recorded org in `value` to one below `base_url`.
    pub(super) fn rewrite(&self, value: &mut Value, base_url: &str) {
        match value {
            Value::String(text) => {
                if let Some(new) = self.rewrite_text(text, base_url) {
                    *text = new;
                }
            }
            Value::Array(items) => items
                .iter_mut()
                .for_each(|item| self.rewrite(item, base_url)),
            Value::Object(members) => members
                .values_mut()
                .for_each(|member| self.rewrite(member, base_url)),
            _ => {}
        }
    }

    fn rewrite_text(&self, text: &str, base_url: &str) -> Option<String> {
        let mut out = String::new();
        let mut rest = text;
        let mut changed = false;
        while let Some((before, named)) = rest.split_once(SCHEME) {
            let is_of_host = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':');
            let end = named.find(|c| !is_of_host(c)).unwrap_or(named.len());
            let (host, after) = named.split_at(end);
            out.push_str(before);
            if self.knows(host) {
                out.push_str(base_url);
                changed = true;
            } else {
                out.push_str(SCHEME);
                out.push_str(host);
            }
            rest = after;
        }
        out.push_str(rest);
        changed.then_some(out)
    }

    /// Whether `host` is a recorded org's, or its admin console's.
    fn knows(&self, host: &str) -> bool {
        self.0.contains(host) || self.0.contains(&host.replacen("-admin.", ".", 1))
    }
}

const SCHEME: &str = "https://";

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_addresses_of_recorded_orgs_change() {
        let mut hosts = Hosts::default();
        hosts.add("old.example.com");
        let mut body = json!({"self": "https://old.example.com/a", "admin": ["see https://old-admin.example.com, or https://other.example.com/b"]});
        hosts.rewrite(&mut body, "http://127.0.0.1:80");
        let expected = json!({"self": "http://127.0.0.1:80/a", "admin": ["see http://127.0.0.1:80, or https://other.example.com/b"]});
        assert_eq!(body, expected);
    }
}
