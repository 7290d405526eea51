//! A table of a standard: read, checked for holes, asked.

use serde::Deserialize;
use std::collections::BTreeMap;

/// What a standard wants of a machine.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// Every state.
    pub states: Vec<String>,
    /// Every event of the grid; what only some states know (timers) stands in rows alone.
    pub events: Vec<String>,
    row: Vec<Row>,
    absent: Vec<Absent>,
    #[serde(default)]
    deviates: Vec<Deviation>,
    /// What single profiles want, beside or instead of the rows.
    #[serde(default)]
    differs: Vec<Difference>,
    /// Rows of the profile that was asked for.
    #[serde(skip)]
    of_profile: Vec<Row>,
    /// States that the machine never comes to.
    #[serde(default)]
    unreached: Vec<Unreached>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    state: Vec<String>,
    event: Vec<String>,
    actions: Vec<String>,
    timer: Option<String>,
    next: String,
    clause: String,
    #[serde(default)]
    or: Vec<Answer>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Absent {
    state: Vec<String>,
    event: Vec<String>,
    why: String,
}

/// A state whose rows stand, and that nothing leads to.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Unreached {
    state: String,
    /// In these profiles; none named: in every one.
    #[serde(default)]
    of: Vec<String>,
    why: String,
}

/// A row of some profiles.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Difference {
    of: Vec<String>,
    state: Vec<String>,
    event: Vec<String>,
    actions: Vec<String>,
    timer: Option<String>,
    next: String,
    clause: String,
}

/// What the machine does on purpose and the standard does not say.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Deviation {
    state: Vec<String>,
    event: Vec<String>,
    actions: Vec<String>,
    timer: Option<String>,
    next: String,
    why: String,
}

/// One answer to an event.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// What is sent and told, in any order. `?` at the end: may be missing; `101|98`: either word.
    pub actions: Vec<String>,
    /// The timer that runs afterwards, where the table names it.
    pub timer: Option<String>,
    /// The state afterwards.
    pub next: String,
}

/// One state under one event.
#[derive(Clone, Debug)]
pub struct Cell {
    /// The state before.
    pub state: String,
    /// What happens.
    pub event: String,
    /// What the standard allows; the first is what it says, the others what it leaves open.
    pub answers: Vec<Answer>,
    /// Where it says so.
    pub clause: String,
    /// What the machine does instead, on purpose; the table holds why.
    pub deviation: Option<Answer>,
}

impl Table {
    /// Reads a table.
    pub fn parse(text: &str) -> Result<Self, toml::de::Error> {
        toml::from_str(text)
    }

    /// The table as one profile has it: its own rows in the place of those that all share.
    #[must_use]
    pub fn of(mut self, profile: &str) -> Self {
        let is_its_own = |of: &[String]| of.iter().any(|name| name == profile);
        self.unreached.retain(|one| one.of.is_empty() || is_its_own(&one.of));
        let differs = self.differs.iter().filter(|one| is_its_own(&one.of)).cloned();
        self.of_profile = differs.map(Row::from).collect();
        self
    }

    /// Whether a difference between profiles is named for this cell.
    pub fn differs(&self, state: &str, event: &str) -> bool {
        self.differs
            .iter()
            .any(|one| self.spelled(&one.state).contains(&state) && one.event.iter().any(|it| it == event))
    }

    /// Every cell that rows name, in their order. "any but" is spelled out, "same" is the state before.
    pub fn cells(&self) -> Vec<Cell> {
        let is_its_own = |row: &Row, cell: &Cell| {
            self.spelled(&row.state).contains(&cell.state.as_str()) && row.event.contains(&cell.event)
        };
        let mut cells = self.cells_of(&self.row);
        cells.retain(|cell| !self.of_profile.iter().any(|row| is_its_own(row, cell)));
        cells.extend(self.cells_of(&self.of_profile));
        cells
    }

    fn cells_of(&self, rows: &[Row]) -> Vec<Cell> {
        rows.iter()
            .flat_map(|row| self.spelled(&row.state).into_iter().map(move |state| (row, state)))
            .flat_map(|(row, state)| row.event.iter().map(move |event| self.one_cell(row, state, event)))
            .collect()
    }

    /// Whether the machine under test comes to this state.
    pub fn is_reached(&self, state: &str) -> bool {
        !self.unreached.iter().any(|unreached| unreached.state == state && !unreached.why.is_empty())
    }

    /// The cell of a state and an event.
    pub fn cell(&self, state: &str, event: &str) -> Option<Cell> {
        self.cells().into_iter().find(|cell| cell.state == state && cell.event == event)
    }

    /// Whether every state has exactly one word on every event, and each word its clause or reason; else what is wrong, a line each.
    pub fn check_grid(&self) -> Result<(), String> {
        let mut named: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        let mut faults = Vec::new();
        let rows = self.row.iter().map(|row| (&row.state, &row.event, &row.clause));
        let absent = self.absent.iter().map(|absent| (&absent.state, &absent.event, &absent.why));
        for deviation in &self.deviates {
            for state in self.spelled(&deviation.state) {
                for event in &deviation.event {
                    if deviation.why.is_empty() || self.cell(state, event).is_none() {
                        faults.push(format!("state {state}, {event}: deviates from no row, or for no reason"));
                    }
                }
            }
        }
        for one in &self.differs {
            if one.of.is_empty() || !one.clause.contains('§') {
                faults.push(format!("{:?} {:?}: differs in no profile, or by no clause", one.state, one.event));
            }
            for state in
                self.spelled(&one.state).iter().filter(|state| !self.states.iter().any(|known| known == *state))
            {
                faults.push(format!("state {state}: not among `states`"));
            }
        }
        for (states, events, reason) in rows.chain(absent) {
            if !reason.contains('§') && !reason.contains("Table") && !reason.contains("Figure") {
                faults.push(format!("{states:?} {events:?}: no clause in `{reason}`"));
            }
            for state in self.spelled(states) {
                for event in events {
                    *named.entry((state, event)).or_default() += 1;
                }
            }
        }
        for state in &self.states {
            for event in &self.events {
                if !named.contains_key(&(state.as_str(), event.as_str())) {
                    faults.push(format!("state {state}, {event}: no row"));
                }
            }
        }
        for ((state, event), count) in named {
            if count > 1 {
                faults.push(format!("state {state}, {event}: {count} rows"));
            }
            if !self.states.iter().any(|known| known == state) {
                faults.push(format!("state {state}: not among `states`"));
            }
        }
        if faults.is_empty() { Ok(()) } else { Err(faults.join("\n")) }
    }

    fn one_cell(&self, row: &Row, state: &str, event: &str) -> Cell {
        let deviates =
            |one: &&Deviation| self.spelled(&one.state).contains(&state) && one.event.iter().any(|name| name == event);
        let deviation = self.deviates.iter().find(deviates);
        let said = Answer { actions: row.actions.clone(), timer: row.timer.clone(), next: row.next.clone() };
        let answers = [said].into_iter().chain(row.or.iter().cloned()).map(|answer| answer.from(state)).collect();
        Cell {
            state: state.to_owned(),
            event: event.to_owned(),
            answers,
            clause: row.clause.clone(),
            deviation: deviation.map(|one| {
                Answer { actions: one.actions.clone(), timer: one.timer.clone(), next: one.next.clone() }.from(state)
            }),
        }
    }

    fn spelled<'a>(&'a self, states: &'a [String]) -> Vec<&'a str> {
        match states.split_first() {
            Some((first, but)) if first == "any but" => {
                self.states.iter().filter(|state| !but.contains(state)).map(String::as_str).collect()
            }
            _ => states.iter().map(String::as_str).collect(),
        }
    }
}

impl From<Difference> for Row {
    fn from(one: Difference) -> Self {
        let Difference { of: _, state, event, actions, timer, next, clause } = one;
        Self { state, event, actions, timer, next, clause, or: Vec::new() }
    }
}

impl Cell {
    /// Whether the table allows this answer; a cell that deviates allows its deviation alone, so that it cannot outlive its
    /// reason. `None`: the machine's timer is not looked at.
    pub fn allows(&self, actions: &[&str], timer: Option<&str>, next: &str) -> bool {
        let allowed = self.deviation.as_ref().map_or(self.answers.as_slice(), std::slice::from_ref);
        allowed.iter().any(|answer| {
            let timer_fits = match (&answer.timer, timer) {
                (Some(wanted), Some(seen)) => wanted == seen,
                _ => true,
            };
            timer_fits && answer.next == next && answer.takes(actions)
        })
    }

    /// What the table wants, for the message of a test that saw something else.
    pub fn wanted(&self) -> String {
        let allowed = self.deviation.as_ref().map_or(self.answers.as_slice(), std::slice::from_ref);
        let answers: Vec<String> = allowed
            .iter()
            .map(|answer| {
                format!(
                    "{:?} then {}{}",
                    answer.actions,
                    answer.next,
                    match &answer.timer {
                        Some(timer) => format!(" ({timer})"),
                        None => String::new(),
                    }
                )
            })
            .collect();
        format!("{}: {}", self.clause, answers.join(", or "))
    }
}

impl Answer {
    /// With "same" spelled out.
    fn from(mut self, state: &str) -> Self {
        if self.next == "same" {
            self.next = state.to_owned();
        }
        self
    }

    /// Whether these actions, in any order, are what the answer wants.
    fn takes(&self, actions: &[&str]) -> bool {
        let mut left: Vec<&str> = actions.to_vec();
        for wanted in &self.actions {
            let (wanted, optional) = wanted.strip_suffix('?').map_or((wanted.as_str(), false), |wanted| (wanted, true));
            match left.iter().position(|seen| fits(wanted, seen)) {
                Some(found) => drop(left.swap_remove(found)),
                None if optional => {}
                None => return false,
            }
        }
        left.is_empty()
    }
}

/// Whether an action is the wanted one: the same words, the last of which may offer a choice or, in what was seen, be one more
/// (a cause that the table leaves open).
fn fits(wanted: &str, seen: &str) -> bool {
    let (head, choice) = wanted.rsplit_once(' ').unwrap_or(("", wanted));
    let numbers = choice.chars().all(|c| c.is_ascii_digit() || c == '|');
    if numbers && !choice.is_empty() {
        return choice.split('|').any(|one| seen == format!("{head} {one}"));
    }
    let without_cause = seen
        .rsplit_once(' ')
        .filter(|(_, last)| last.chars().all(|c| c.is_ascii_digit()))
        .map_or(seen, |(head, _)| head);
    wanted == seen || wanted == without_cause
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn a_cause_is_free_where_the_table_names_none() {
        assert!(fits("RELEASE", "RELEASE 16") && fits("RELEASE", "RELEASE"));
        assert!(!fits("RELEASE", "RELEASE COMPLETE 16"));
        assert!(fits("STATUS 101|98", "STATUS 98") && !fits("STATUS 101|98", "STATUS 97"));
        assert!(!fits("RELEASE 96", "RELEASE"));
        assert!(fits("DL-ESTABLISH indication", "DL-ESTABLISH indication"));
    }
}
