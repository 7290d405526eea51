//! The program's own words in both languages. What the box found out comes from the box.

use crate::client::Failure;
use ipc::lines::{Health, Kind, Said, Step};
use ipc::web::ChannelState;
use std::path::Path;
use std::str::FromStr;

/// A language of the box.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    Chinese,
    English,
}
use Language::{Chinese, English};

impl FromStr for Language {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "zh" => Ok(Chinese),
            "en" => Ok(English),
            _ => Err("zh or en expected"),
        }
    }
}

impl Language {
    /// As programs of the terminal choose: LC_ALL, else LC_MESSAGES, else LANG.
    pub(crate) fn of_terminal() -> Self {
        let set = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
        Self::of_locale(&["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().find_map(set).unwrap_or_default())
    }

    fn of_locale(locale: &str) -> Self {
        if locale.starts_with("zh") { Chinese } else { English }
    }

    pub(crate) const fn choose<T: Copy>(self, zh: T, en: T) -> T {
        match self {
            Chinese => zh,
            English => en,
        }
    }

    pub(crate) fn of(self, said: &Said) -> &str {
        match self {
            Chinese => &said.zh,
            English => &said.en,
        }
    }
}

pub(crate) const fn health(health: Health, language: Language) -> &'static str {
    match health {
        Health::Good => language.choose("正常", "good"),
        Health::Warning => language.choose("警告", "warning"),
        Health::Fault => language.choose("故障", "FAULT"),
    }
}

pub(crate) const fn kind(kind: Kind, language: Language) -> &'static str {
    match kind {
        Kind::Span => language.choose("中继", "span"),
        Kind::Exchange => language.choose("模拟外线", "analog line"),
        Kind::Telephone => language.choose("话机线", "telephone"),
    }
}

pub(crate) const fn step(step: Step, language: Language) -> &'static str {
    match step {
        Step::Waiting => language.choose("等待其他线路测完", "waits for other lines"),
        Step::Watching => language.choose("观察中", "is watched"),
        Step::Looking => language.choose("查看馈电", "battery"),
        Step::Seizing => language.choose("摘机，查看环路电流", "off hook, loop current"),
        Step::Listening => language.choose("听拨号音", "listening for dial tone"),
        Step::Dialling => language.choose("拨一位数字", "sending one digit"),
        Step::Measuring => language.choose("测量噪声和回声", "measuring noise and echo"),
        Step::Closing => language.choose("挂机", "hanging up"),
    }
}

pub(crate) const fn channel(state: ChannelState, language: Language) -> &'static str {
    match state {
        ChannelState::Idle => language.choose("空闲", "idle"),
        ChannelState::Incoming => language.choose("呼入", "incoming"),
        ChannelState::Outgoing => language.choose("呼出", "outgoing"),
        ChannelState::Connected => language.choose("通话", "connected"),
        ChannelState::Clearing => language.choose("释放中", "clearing"),
        ChannelState::Busy => language.choose("占用", "in use"),
        ChannelState::Blocked => language.choose("闭塞", "blocked"),
        ChannelState::OutOfService => language.choose("停用", "out of service"),
        ChannelState::Absent => language.choose("无线路", "no line"),
    }
}

/// What went wrong, and the remedy.
pub(crate) fn failure(why: &Failure, root: &Path, language: Language) -> String {
    let socket = root.join("run/fundline").join(ipc::sockets::CTL);
    let socket = socket.display();
    match (why, language) {
        (Failure::Socket(why), Chinese) if why.kind() == std::io::ErrorKind::PermissionDenied => {
            format!("{socket}：当前用户无权访问，请以 root 或设备用户运行")
        }
        (Failure::Socket(why), English) if why.kind() == std::io::ErrorKind::PermissionDenied => {
            format!("{socket}: this user may not open it; run as root or as the box's user")
        }
        (Failure::Socket(why), Chinese) => {
            format!("{socket}：{why}；请确认 fundlined 正在运行，或用 --root 指明其根目录")
        }
        (Failure::Socket(why), English) => {
            format!("{socket}: {why}; see that fundlined runs, or name its root by --root")
        }
        (Failure::Stream(why), Chinese) => format!("{why}；fundlined 可能正在重启，请重试"),
        (Failure::Stream(why), English) => format!("{why}; fundlined may be restarting: try again"),
        (Failure::Silent, Chinese) => "fundlined 没有应答；请查看其日志".into(),
        (Failure::Silent, English) => "fundlined does not answer; see its log".into(),
        (Failure::OtherBuild(_), Chinese) => "fundlined 是另一版本；请安装同一版本后重启".into(),
        (Failure::OtherBuild(_), English) => "fundlined is of another build; install both from one and restart".into(),
        (Failure::NoSuchLine { port, known }, Chinese) => format!("没有线路 \"{port}\"；现有：{known}"),
        (Failure::NoSuchLine { port, known }, English) => format!("no line is called \"{port}\"; known: {known}"),
        (Failure::NoSuchChannel { channel, known }, Chinese) => {
            format!("没有通道 \"{channel}\"；写作 中继/时隙，现有中继：{known}")
        }
        (Failure::NoSuchChannel { channel, known }, English) => {
            format!("no channel is called \"{channel}\"; write span/timeslot, with a span of: {known}")
        }
        (Failure::TooLate(lines), Chinese) => format!("测试未按时结束：{lines}；请查看 fundlined 的日志"),
        (Failure::TooLate(lines), English) => format!("tests did not end in time: {lines}; see fundlined's log"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_terminals_language_is_read_as_other_programs_do() {
        for (locale, expected) in
            [("zh_CN.UTF-8", Chinese), ("zh", Chinese), ("en_GB.UTF-8", English), ("C", English), ("", English)]
        {
            assert_eq!(Language::of_locale(locale), expected, "{locale}");
        }
    }
}
