//! A strict reader of HTML: enough of it to tell what is a tag, and what is text.

/// A tag: its name, and its attributes with their values.
#[derive(Debug)]
pub(super) struct Tag {
    pub(super) name: String,
    pub(super) attributes: Vec<(String, String)>,
}

/// Every start tag of a page. Style and script are read over.
pub(super) fn tags(page: &str) -> Vec<Tag> {
    let mut tags = Vec::new();
    let mut rest = page;
    while let Some((_, after)) = rest.split_once('<') {
        rest = after;
        if rest.starts_with(['/', '!']) {
            continue;
        }
        let end = rest.find([' ', '>', '/']).unwrap();
        let (name, mut inside) = rest.split_at(end);
        let mut attributes = Vec::new();
        loop {
            inside = inside.trim_start();
            if let Some(after) = inside.strip_prefix('>').or(inside.strip_prefix("/>")) {
                rest = after;
                break;
            }
            let end = inside.find(['=', ' ', '>']).unwrap();
            let (attribute, after) = inside.split_at(end);
            let value = after.strip_prefix("=\"");
            let (value, after) = value.map_or(("", after), |value| value.split_once('"').unwrap());
            attributes.push((attribute.to_owned(), value.to_owned()));
            inside = after;
        }
        if ["style", "script"].contains(&name) {
            rest = rest.split_once(&format!("</{name}>")).unwrap().1;
        }
        let name = name.to_owned();
        tags.push(Tag { name, attributes });
    }
    tags
}

/// The texts of every element of a name, without the tags in them.
pub(super) fn texts(page: &str, name: &str) -> Vec<String> {
    let (open, close) = (format!("<{name}"), format!("</{name}>"));
    let parts = page.split(&open).skip(1);
    let parts = parts.filter(|part| part.starts_with(['>', ' ']));
    parts
        .map(|part| {
            let (part, _) = part.split_once(&close).unwrap();
            plain(part.split_once('>').unwrap().1)
        })
        .collect()
}

/// A text without tags.
fn plain(markup: &str) -> String {
    let mut parts = markup.split('<');
    let first = parts.next().unwrap_or_default().to_owned();
    let rest = parts.map(|part| part.split_once('>').unwrap().1);
    first + &rest.collect::<String>()
}
