//! The calendar: how many objects expire in each week of the year ahead, as a picture and as a table.
//!
//! The picture has no size of its own: lengths along the weeks are percentages, and everything else is
//! in pixels. So its text is as large on a phone as on a desk.

use askama::Template;

use super::links;
use super::survey::{Survey, WEEKS, Week, start};
use super::words::number;
use crate::object::ObjectRef;
use crate::report::Time;

/// The height of the tallest bar, and of the space above the bars, in pixels.
const HEIGHT: usize = 120;
const ABOVE: usize = 20;
const BOTTOM: usize = ABOVE + HEIGHT;

/// The height of the shortest bar, which must not vanish beside a tall one.
const SHORTEST: usize = 4;

/// The most bars that have their numbers above them, and the weeks between two of these.
const NUMBERED: usize = 5;
const APART: usize = 4;

/// The most objects that a row of the table names.
const NAMED: usize = 8;

#[derive(Template)]
#[template(
    ext = "html",
    source = r##"<figure class="calendar">
<svg role="img" aria-labelledby="calendar-title calendar-text" width="100%" height="168">
<title id="calendar-title">Expiries in each of the next 52 weeks</title>
<desc id="calendar-text">{{ text }}</desc>
<defs><pattern id="hatch" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect class="hatched" width="2" height="5"/></pattern></defs>
<line class="axis" x1="0" x2="100%" y1="{{ BOTTOM }}.5" y2="{{ BOTTOM }}.5"/>
{% for month in months %}<line class="axis" x1="{{ month.x }}%" x2="{{ month.x }}%" y1="{{ BOTTOM }}" y2="146"/><text class="month{% if month.is_odd %} wide{% endif %}" x="{{ month.x }}%" dx="2" y="160">{{ month.name }}</text>
{% endfor %}{% for bar in bars %}<g>{% if bar.renewed > 0 %}<rect class="renewed" fill="url(#hatch)" x="{{ bar.x }}%" width="1.5%" y="{{ bar.top() }}" height="{{ bar.renewed }}"/>{% endif %}{% if bar.unrenewed > 0 %}<rect class="unrenewed" x="{{ bar.x }}%" width="1.5%" y="{{ BOTTOM - bar.unrenewed }}" height="{{ bar.unrenewed }}"/>{% endif %}{% if bar.is_numbered %}<text class="count" x="{{ bar.middle }}%" y="{{ bar.top() - 5 }}">{{ self::number(*bar.count) }}</text>{% endif %}<title>{{ bar.title }}</title></g>
{% endfor %}</svg>
<figcaption>
<span class="key"><svg width="12" height="12" aria-hidden="true"><rect class="unrenewed" width="12" height="12"/></svg> no renewal known before expiry</span>
<span class="key"><svg width="12" height="12" aria-hidden="true"><rect class="renewed" fill="url(#hatch)" x=".5" y=".5" width="11" height="11"/></svg> renewed by then, if its manager works</span>
<p>{{ text }}</p>
</figcaption>
{% if !rows.is_empty() %}<details>
<summary>The weeks as a table</summary>
<table>
<caption class="hidden">Secrets that expire in each week</caption>
<thead><tr><th scope="col">Week from</th><th scope="col" class="number">Expiries</th><th scope="col" class="number">Without known renewal</th><th scope="col">Which</th></tr></thead>
<tbody>
{% for row in rows %}<tr><th scope="row" class="date">{{ row.from }}</th><td class="number">{{ self::number(row.week.len()) }}</td><td class="number">{{ self::number(row.week.unrenewed.len()) }}</td><td class="long">{{ self::named(row.week)|safe }}</td></tr>
{% endfor %}</tbody>
</table>
</details>
{% endif %}</figure>
"##
)]
pub(super) struct Calendar<'a> {
    text: String,
    bars: Vec<Bar>,
    months: Vec<Month>,
    rows: Vec<Row<'a>>,
}

/// A week of the picture, in pixels of height.
struct Bar {
    x: String,
    middle: String,
    unrenewed: usize,
    renewed: usize,
    count: usize,
    is_numbered: bool,
    title: String,
}

/// The first week of a month.
struct Month {
    x: String,
    name: String,
    /// True for every other month, which has no room on a phone.
    is_odd: bool,
}

/// A week of the table.
struct Row<'a> {
    from: String,
    week: &'a Week<'a>,
}

/// The first objects of a week.
#[derive(Template)]
#[template(
    ext = "html",
    source = r#"{% for object in objects %}{% if !loop.first %}, {% endif %}{% if let Some(link) = links::secret(object) %}<a href="{{ link }}"><bdi>{{ object }}</bdi></a>{% else %}<bdi>{{ object }}</bdi>{% endif %}{% endfor %}{% if others > 0 %} and {{ self::number(*others) }} more{% endif %}"#
)]
struct Named<'a> {
    objects: Vec<&'a ObjectRef>,
    others: usize,
}

// === impl Calendar ===

impl<'a> Calendar<'a> {
    /// The calendar of a survey that was made at a time (Unix seconds).
    pub(super) fn of(survey: &'a Survey<'a>, at: i64) -> Self {
        let weeks = || survey.weeks.iter().enumerate();
        let highest = weeks().map(|(_, week)| week.len()).max();
        let highest = highest.unwrap_or_default();
        let numbered = numbered(survey);
        let filled = || weeks().filter(|(_, week)| week.len() > 0);
        let bars = filled().map(|(index, week)| Bar {
            x: percent(index * 4 + 1),
            middle: percent(index * 4 + 2),
            unrenewed: height(week.unrenewed.len(), highest),
            renewed: height(week.renewed.len(), highest),
            count: week.len(),
            is_numbered: numbered.contains(&index),
            title: title(week, start(index, at)),
        });
        let rows = filled().map(|(index, week)| Row {
            from: Time(start(index, at)).date(),
            week,
        });
        Self {
            text: text(survey, at),
            bars: bars.collect(),
            months: months(at),
            rows: rows.collect(),
        }
    }
}

// === impl Bar ===

impl Bar {
    fn top(&self) -> usize {
        BOTTOM.saturating_sub(self.unrenewed + self.renewed)
    }
}

/// A place along the weeks: so many quarters of a week from the first one on.
fn percent(quarters: usize) -> String {
    let hundredths = quarters * 10_000 / (4 * WEEKS);
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

/// The height of a part of a bar; the highest bar has all of it.
fn height(count: usize, highest: usize) -> usize {
    if count == 0 {
        return 0;
    }
    (count * HEIGHT / highest.max(1)).max(SHORTEST)
}

/// The highest weeks, none of which is so near to another one that their numbers overlap.
fn numbered(survey: &Survey<'_>) -> Vec<usize> {
    let mut weeks: Vec<usize> = (0..WEEKS).collect();
    weeks.retain(|week| survey.weeks[*week].len() > 1);
    weeks.sort_by_key(|week| std::cmp::Reverse(survey.weeks[*week].len()));
    let mut chosen: Vec<usize> = Vec::new();
    for week in weeks {
        let is_free = chosen.iter().all(|other| other.abs_diff(week) >= APART);
        if is_free && chosen.len() < NUMBERED {
            chosen.push(week);
        }
    }
    chosen
}

fn months(at: i64) -> Vec<Month> {
    let month = |week: usize| Time(start(week, at)).month();
    let first = (0..WEEKS).filter(|week| *week == 0 || month(*week) != month(week - 1));
    let mut first: Vec<usize> = first.collect();
    // The month of today has no room if it is over in a week or two.
    if first.get(1).is_some_and(|second| *second < 3) {
        first.remove(0);
    }
    let months = first.into_iter().enumerate().map(|(index, week)| Month {
        x: percent(week * 4),
        name: month(week),
        is_odd: index % 2 == 1,
    });
    months.collect()
}

fn title(week: &Week<'_>, from: i64) -> String {
    format!(
        "Week from {}: {} expire, {} without known renewal",
        Time(from).date(),
        number(week.len()),
        number(week.unrenewed.len())
    )
}

/// The numbers of the picture, in sentences.
fn text(survey: &Survey<'_>, at: i64) -> String {
    let total: usize = survey.weeks.iter().map(Week::len).sum();
    let unrenewed = survey.weeks.iter().map(|week| week.unrenewed.len());
    let mut sentences = vec![format!(
        "{} of {} secrets expire within a year, {} of them without a known renewal.",
        number(total),
        number(survey.objects),
        number(unrenewed.sum())
    )];
    let weeks = survey.weeks.iter().enumerate();
    if let Some((index, week)) = weeks.rev().max_by_key(|(_, week)| week.len())
        && week.len() > 1
    {
        sentences.push(format!(
            "Most in one week: {}, from {}.",
            number(week.len()),
            Time(start(index, at)).date()
        ));
    }
    for (count, what) in [
        (survey.expired, "expired already"),
        (survey.later, "expire later"),
    ] {
        if count > 0 {
            sentences.push(format!("{} {what}.", number(count)));
        }
    }
    sentences.join(" ")
}

fn named(week: &Week<'_>) -> String {
    let all = week.unrenewed.iter().chain(&week.renewed);
    let objects: Vec<&ObjectRef> = all.take(NAMED).copied().collect();
    let others = week.len() - objects.len();
    super::frame::rendered(&Named { objects, others })
}
