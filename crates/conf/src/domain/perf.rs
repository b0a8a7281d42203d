//! `<perf>`: events that are counted.

use xml::Element;

use super::DomainDef;

impl DomainDef {
    /// Events of `<perf>` with `enabled=`.
    pub fn perf_events(&self) -> impl Iterator<Item = (&str, bool)> {
        let events = self.kept.iter().filter(|e| e.is("perf")).flat_map(|perf| perf.all("event"));
        events.filter_map(|event| Some((event.attr("name")?, event.attr("enabled") == Some("yes"))))
    }

    /// Sets `enabled=` of an event; one that is not there is added.
    pub fn set_perf_event(&mut self, name: &str, enabled: bool) {
        let mut events: Vec<(String, bool)> =
            self.perf_events().map(|(name, enabled)| (name.to_owned(), enabled)).collect();
        match events.iter_mut().find(|(known, _)| known == name) {
            Some((_, value)) => *value = enabled,
            None => events.push((name.to_owned(), enabled)),
        }
        let mut perf = Element::new("perf");
        for (name, enabled) in events {
            let enabled = if enabled { "yes" } else { "no" };
            perf.push(Element::new("event").with("name", name).with("enabled", enabled));
        }
        self.kept.retain(|e| !e.is("perf"));
        self.kept.push(perf);
    }
}

#[cfg(test)]
mod tests {
    use crate::domain::{FormatFlags, ParseContext};

    use super::*;

    #[test]
    fn events_are_added_and_changed() {
        let text = "<domain type='lxc'><name>a</name><memory>1024</memory><perf><event name='cmt' enabled='no'/></perf>\
                    <os><type>exe</type><init>/i</init></os></domain>";
        let context = ParseContext::new("x86_64", "/e", |buffer| buffer.fill(1));
        let mut def = DomainDef::parse(text, &context).unwrap();
        assert_eq!(def.perf_events().collect::<Vec<_>>(), [("cmt", false)]);
        def.set_perf_event("task_clock", true);
        def.set_perf_event("cmt", true);
        let printed = def.format(FormatFlags::INACTIVE);
        assert!(printed.contains("<event name='cmt' enabled='yes'/>"), "{printed}");
        let again = DomainDef::parse(&printed, &context).unwrap();
        assert_eq!(again.perf_events().collect::<Vec<_>>(), [("cmt", true), ("task_clock", true)]);
    }
}
