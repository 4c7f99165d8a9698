//! The page about a secret and `notafter explain` come to the same conclusions.

use notafter::explain::Explanation;
use notafter::object::Kind;
use notafter::output::{self, Paint, Terminal};
use notafter::report::Time;
use notafter::urgency::{Assessor, Thresholds, Urgency};
use notafter_simulator::openshift;

use super::{about, polled, view};
use crate::world::THEN;

/// The command of an explanation in text, with the word before it.
fn advised(explanation: &Explanation<'_>, world: &crate::world::World) -> Option<(String, String)> {
    let terminal = Terminal {
        width: usize::MAX,
        paint: Paint::Plain,
    };
    let mut text = Vec::new();
    let source = view(world).source();
    output::explain(explanation, &source, Time(THEN), terminal, &mut text).unwrap();
    let text = String::from_utf8(text).unwrap();
    ["Fix", "Look at"].iter().find_map(|word| {
        let mut lines = text.lines();
        let command = lines.find_map(|line| line.strip_prefix(&format!("  {word}: ")))?;
        Some(((*word).to_owned(), command.to_owned()))
    })
}

/// The command on the page about a secret.
fn shown(page: &str) -> Option<(String, String)> {
    let (before, command) = page.split_once("</dt><dd><code class=\"command\">")?;
    let word = before.rsplit('>').next().unwrap();
    Some((
        word.to_owned(),
        command.split('<').next().unwrap().to_owned(),
    ))
}

#[tokio::test]
async fn the_page_of_a_secret_and_its_explanation_in_text_advise_the_same_command() {
    let world = polled(openshift(THEN)).await;
    let inventory = &world.snapshot.inventory;
    let (mut well, mut advising) = (0, 0);
    for assessed in Assessor::new(inventory, THEN, Thresholds::DEFAULT).all() {
        let object = assessed.object;
        if object.kind != Kind::Secret {
            continue;
        }
        let explanation = Explanation::of(inventory, object, THEN, &Thresholds::DEFAULT).unwrap();
        let page = shown(&about(&world, (&object.namespace, &object.name)));
        assert_eq!(page, advised(&explanation, &world), "{object}");
        assert!(page.is_none() || assessed.urgency < Urgency::Ok, "{object}");
        well += usize::from(assessed.urgency == Urgency::Ok);
        advising += usize::from(page.is_some());
    }
    assert!(well > 0 && advising > 1, "{well} {advising}");
}
