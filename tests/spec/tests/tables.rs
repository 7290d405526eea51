//! The tables themselves: no state is silent on an event, none speaks twice, each word has its clause.

use spec::Table;

#[test]
fn every_state_has_one_word_on_every_event() {
    for (name, text, least) in [
        ("q921", include_str!("../q921.toml"), 400),
        ("q931-user", include_str!("../q931-user.toml"), 400),
        ("q931-network", include_str!("../q931-network.toml"), 400),
        ("q931-global", include_str!("../q931-global.toml"), 120),
    ] {
        let table = Table::parse(text).unwrap_or_else(|fault| panic!("{name}.toml: {fault}"));
        table.check_grid().unwrap_or_else(|faults| panic!("{name}.toml:\n{faults}"));
        assert!(table.cells().len() > least, "{name}.toml: {} cells", table.cells().len());
    }
}
