//! Floors: arrows go to the same or a lower floor and make no circle.

use crate::fault::{Fault, Rule};
use crate::workspace::{Kind, Package};
use std::collections::BTreeMap;

const HIGHEST: u64 = 8;

pub(crate) fn check(packages: &[Package]) -> Vec<Fault> {
    let by_name: BTreeMap<&str, &Package> = packages.iter().map(|package| (package.name.as_str(), package)).collect();
    let mut faults: Vec<Fault> = packages.iter().filter_map(without_floor).collect();
    for package in packages {
        faults.extend(upward(package, &by_name));
    }
    faults.extend(circles(&by_name));
    faults
}

fn without_floor(package: &Package) -> Option<Fault> {
    let what = match package.floor {
        Some(0..=HIGHEST) => return None,
        Some(floor) => format!("{} is on floor {floor}, and the highest is {HIGHEST}", package.name),
        None => format!("{} has no floor", package.name),
    };
    Some(Fault {
        rule: Rule::Floor,
        file: package.manifest_path(),
        line: package.line_of("floor"),
        what,
        remedy: "write `floor = N` under [package.metadata], see ARCHITECTURE.md for the floors",
    })
}

fn upward(package: &Package, by_name: &BTreeMap<&str, &Package>) -> Vec<Fault> {
    let Some(own) = package.floor else { return Vec::new() };
    let mut faults = Vec::new();
    for dependency in package.dependencies.iter().filter(|dependency| dependency.kind == Kind::Built) {
        let Some(floor) = by_name.get(dependency.name.as_str()).and_then(|below| below.floor) else { continue };
        if floor > own {
            faults.push(Fault {
                rule: Rule::Floor,
                file: package.manifest_path(),
                line: package.line_of(&dependency.name),
                what: format!(
                    "{} (floor {own}) needs {} (floor {floor}), an upward arrow",
                    package.name, dependency.name
                ),
                remedy: "pass in what is needed, or move the shared part to the lower floor",
            });
        }
    }
    faults
}

/// One fault a circle, told at its first crate by name.
fn circles(by_name: &BTreeMap<&str, &Package>) -> Vec<Fault> {
    let mut walk = Walk { by_name, path: Vec::new(), done: Vec::new(), faults: Vec::new() };
    for name in by_name.keys() {
        walk.visit(name);
    }
    walk.faults
}

struct Walk<'a> {
    by_name: &'a BTreeMap<&'a str, &'a Package>,
    path: Vec<&'a str>,
    done: Vec<&'a str>,
    faults: Vec<Fault>,
}

impl<'a> Walk<'a> {
    /// Depth first: a crate met again on the way down closes a circle.
    fn visit(&mut self, name: &'a str) {
        if self.done.contains(&name) {
            return;
        }
        if let Some(at) = self.path.iter().position(|on_path| *on_path == name) {
            self.faults.push(self.circle(at));
            return;
        }
        let Some(package) = self.by_name.get(name) else { return };
        self.path.push(name);
        for dependency in &package.dependencies {
            self.visit(&dependency.name);
        }
        self.path.pop();
        self.done.push(name);
    }

    fn circle(&self, from: usize) -> Fault {
        let names = &self.path[from..];
        let first = self.by_name[names[0]];
        let second = names.get(1).unwrap_or(&names[0]);
        Fault {
            rule: Rule::Circle,
            file: first.manifest_path(),
            line: first.line_of(second),
            what: format!("{} -> {} is a circle (dev-dependencies count)", names.join(" -> "), names[0]),
            remedy: "move the test to the higher crate or to tests/",
        }
    }
}
