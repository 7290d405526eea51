//! What is said of each finding, and what is to be done, in two languages.

use crate::finding::{Code, Finding, Measured, State};
use State::{Fault, Good, Warning};

/// The languages of the box.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// 中文.
    Chinese,
    /// English.
    English,
}

/// One row: the finding's name for programs, how bad it is, sentence and remedy. Words in braces are figures of [`Measured`]; a finding that needs no remedy has none.
struct Row {
    name: &'static str,
    state: State,
    zh: [&'static str; 2],
    en: [&'static str; 2],
}

const fn row(name: &'static str, state: State, zh: [&'static str; 2], en: [&'static str; 2]) -> Row {
    Row { name, state, zh, en }
}

#[rustfmt::skip]
const fn text(code: Code) -> Row {
    match code {
        Code::SignalGood => row("signal_good", Good, ["信号与帧同步正常", ""], ["signal and frame alignment are good", ""]),
        Code::LossOfSignal => row("loss_of_signal", Fault,
            ["收不到信号或帧失步，已 {seconds} 秒", "检查电缆是否插好、收发线对是否接反，再请对端确认其端口已开通"],
            ["no signal or no frame alignment, for {seconds} s", "check that the cable is plugged in and that its two pairs are not exchanged; then ask the far end whether its port is on"]),
        Code::AlarmIndication => row("alarm_indication", Fault,
            ["收到全 1 告警信号（AIS），已 {seconds} 秒", "到本端的电缆是好的，故障在对端之前的传输设备：请运营商检查"],
            ["alarm indication signal (all ones), for {seconds} s", "the cable up to here is good; equipment before the far end has failed: report it to the operator"]),
        Code::RemoteAlarm => row("remote_alarm", Fault,
            ["对端收不到本端信号（远端告警），已 {seconds} 秒", "检查发送线对和接头；电缆无误时请对端检查其收端"],
            ["the far end does not see our signal (remote alarm), for {seconds} s", "check the sending pair and its plug; if they are good, ask the far end to look at its receiver"]),
        Code::DChannelUp => row("d_channel_up", Good, ["D 信道已建立", ""], ["D-channel is up", ""]),
        Code::DChannelEstablishing => row("d_channel_establishing", Warning,
            ["D 信道正在建立，{seconds} 秒内未完成", "稍候再测；若仍如此，请对端确认该中继的信令是 PRI 且时隙 16 已开通"],
            ["D-channel is being established and was not up in {seconds} s", "test again; if it stays so, ask the far end whether this span speaks PRI with its D-channel in timeslot 16"]),
        Code::DChannelDown => row("d_channel_down", Fault,
            ["信号正常，但 D 信道无应答", "请对端确认该中继的信令是 PRI、时隙 16 已开通，且一端为网络侧、一端为用户侧（[[span]] 的 side）"],
            ["the signal is good, but nobody answers on the D-channel", "ask the far end whether this span speaks PRI with its D-channel in timeslot 16; one end must be network and one user (side in [[span]])"]),
        Code::Slips => row("slips", Warning,
            ["{seconds} 秒内滑码 {count} 次", "两端时钟不同步：让一端提供时钟，另一端跟随线路；伪线检查网络抖动"],
            ["{count} slips in {seconds} s", "the clocks of both ends differ: one end must give the clock and the other follow the line; on a pseudowire look at the network's jitter"]),
        Code::SlipsBefore => row("slips_before", Warning,
            ["观察期间无滑码，但此前 {seconds} 秒内共 {count} 次", "时钟或网络时好时坏：比较两端的时钟设置，并在繁忙时再测"],
            ["no slips while watched, but {count} in the {seconds} s before", "clock or network are bad at times: compare the clock settings of both ends, and test again in the busy hour"]),
        Code::BadFrames => row("bad_frames", Warning,
            ["{seconds} 秒内 D 信道有 {count} 个误码帧", "线路有误码：检查电缆、接头和接地；伪线检查丢包"],
            ["{count} D-channel frames with errors in {seconds} s", "the line has bit errors: check cable, plugs and earthing; on a pseudowire look for lost packets"]),
        Code::BadFramesBefore => row("bad_frames_before", Warning,
            ["观察期间无误码帧，但此前 {seconds} 秒内共 {count} 个", "线路偶有误码：检查接头是否松动；伪线检查丢包"],
            ["no frame errors while watched, but {count} in the {seconds} s before", "the line has bit errors at times: look for a loose plug; on a pseudowire for lost packets"]),
        Code::NoErrors => row("no_errors", Good, ["{seconds} 秒内无滑码、无误码帧", ""], ["neither slips nor frame errors in {seconds} s", ""]),
        Code::ChannelsBlocked => row("channels_blocked", Warning,
            ["{of} 个信道中有 {count} 个停用", "若不是有意闭塞，请对端解除这些时隙的闭塞"],
            ["{count} of {of} channels are out of service", "unless that is wanted, ask the far end to unblock their timeslots"]),
        Code::AllBlocked => row("all_blocked", Fault,
            ["全部 {of} 个信道均停用", "请对端解除对该中继的闭塞，或重启其端口"],
            ["all {of} channels are out of service", "ask the far end to unblock the span, or to restart its port"]),
        Code::CallsGoOn => row("calls_go_on", Good, ["{of} 个信道中有 {count} 个正在通话，未受影响", ""], ["{count} of {of} channels carry calls, which were not disturbed", ""]),
        Code::SpanDown => row("span_down", Fault,
            ["所在中继有告警，线路不可用", "先测试并修复该中继"],
            ["the span that carries this line has an alarm", "test the span and mend that first"]),
        Code::NoBattery => row("no_battery", Fault,
            ["无馈电", "检查线路是否插好；用电话机试听，若也无声，请运营商检查是否断线或停机"],
            ["no battery", "check that the line is plugged in; try a telephone on it, and if that is dead too, ask the operator whether the line is cut or closed"]),
        Code::InUse => row("in_use", Good,
            ["线路占用中，未打扰通话", "通话结束后再测"],
            ["line in use; the call was not disturbed", "test again when the call is over"]),
        Code::Ringing => row("ringing", Good,
            ["线路正在振铃，让给来话", "来话结束后再测"],
            ["somebody calls on this line; the call goes first", "test again when the call is over"]),
        Code::RingingStuck => row("ringing_stuck", Fault,
            ["信令一直显示振铃，从不间断", "该时隙在对端很可能没有接线路：核对通道号，或请对端检查信道机"],
            ["signaling says ringing without any pause", "probably no line is connected to this timeslot at the far end: compare the channel numbers, or have the channel bank looked at"]),
        Code::PolarityReversed => row("polarity_reversed", Warning,
            ["馈电极性反接", "对调两根线；若按反极计费，不对调会把应答当作挂机"],
            ["polarity is reversed", "exchange the two wires; where answers are told by reversal, they would be taken for hang-ups"]),
        Code::BatteryGood => row("battery_good", Good, ["馈电与极性正常", ""], ["battery and polarity are good", ""]),
        Code::NoLoopCurrent => row("no_loop_current", Fault,
            ["摘机后无环路电流", "线路接触不良或环路过长：检查接线和分线盒，再请运营商测量环路"],
            ["no loop current off hook", "a bad joint or too long a loop: check wiring and sockets, then have the operator measure the loop"]),
        Code::DialTone => row("dial_tone", Good,
            ["拨号音 {hz} Hz，电平 {level} dBm0（{countries}）", ""],
            ["dial tone {hz} Hz at {level} dBm0 ({countries})", ""]),
        Code::DialToneForeign => row("dial_tone_foreign", Warning,
            ["拨号音 {hz} Hz，电平 {level} dBm0，属于{countries}，而线路设为{own}", "核对 [[line]] 的 country；设错时忙音无法识别，挂机会听不出来"],
            ["dial tone {hz} Hz at {level} dBm0 is that of {countries}, but the line is set to {own}", "check country in [[line]]; with a wrong one busy tones are not known, and hang-ups are missed"]),
        Code::UnknownTone => row("unknown_tone", Warning,
            ["摘机后听到 {hz} Hz 长音，电平 {level} dBm0，不是任何已知国家的拨号音", "若是小交换机的拨号音则无妨，线路会自行学习其挂机音；否则请运营商检查"],
            ["a steady tone of {hz} Hz at {level} dBm0 that is dial tone in no known country", "if a private exchange gives it, all is well and the line learns its hang-up tone; else ask the operator"]),
        Code::DialToneLow => row("dial_tone_low", Warning,
            ["拨号音偏低：{level} dBm0", "线路损耗大：检查接头，或请运营商测量；必要时提高该线的接收增益"],
            ["dial tone is weak: {level} dBm0", "the line takes too much: check its joints, or have the operator measure it; raise the line's receive gain if need be"]),
        Code::DialToneHigh => row("dial_tone_high", Warning,
            ["拨号音过强：{level} dBm0", "降低该线的接收增益，否则语音会失真"],
            ["dial tone is too loud: {level} dBm0", "lower the line's receive gain, or speech will be distorted"]),
        Code::NoDialTone => row("no_dial_tone", Fault,
            ["有环路电流，但 {seconds} 秒内无拨号音", "用电话机试听；若也无声，请运营商检查该号码是否已开通"],
            ["loop current, but no dial tone in {seconds} s", "try a telephone on the line; if that is silent too, ask the operator whether the number is in service"]),
        Code::RefusalTone => row("refusal_tone", Fault,
            ["摘机后听到忙音或催挂音 {hz} Hz，而不是拨号音", "线路可能被长期占用或欠费停机：挂机一分钟后再测，仍如此则询问运营商"],
            ["busy or howler tone of {hz} Hz in place of dial tone", "the line was left off hook, or is barred: leave it on hook for a minute and test again, then ask the operator"]),
        Code::Voices => row("voices", Fault,
            ["摘机后听到话音，没有拨号音", "同一线对上有其他电话在用，或与别的线路串线：拔下并机电话后再测"],
            ["voices, and no dial tone", "another telephone on this pair is in use, or the line has crosstalk: unplug other telephones and test again"]),
        Code::DigitNotTaken => row("digit_not_taken", Fault,
            ["拨号后拨号音不停，交换机不接受按键", "请运营商开通双音频拨号，或把线路设为脉冲拨号"],
            ["dial tone goes on after a digit: the exchange does not take it", "ask the operator to allow DTMF, or set the line to pulse dialling"]),
        Code::NotQuiet => row("not_quiet", Good,
            ["拨一位数字后交换机送音，未能测量噪声和回声", ""],
            ["the exchange gives tones or speech after one digit, so noise and echo were not measured", ""]),
        Code::NoiseGood => row("noise_good", Good, ["噪声 {level} dBm0", ""], ["noise {level} dBm0", ""]),
        Code::NoiseHeard => row("noise_heard", Warning,
            ["噪声偏大：{level} dBm0", "检查接头是否受潮氧化、走线是否靠近电源线"],
            ["noise can be heard: {level} dBm0", "look for wet or corroded joints, and for mains cables beside the line"]),
        Code::NoiseBad => row("noise_bad", Fault,
            ["噪声过大：{level} dBm0", "请运营商检修线路；检查接地和电源干扰"],
            ["noise disturbs: {level} dBm0", "have the operator mend the line; check earthing and mains"]),
        Code::EchoGood => row("echo_good", Good, ["回声衰减 {db} dB", ""], ["echo return loss {db} dB", ""]),
        Code::EchoStrong => row("echo_strong", Warning,
            ["回声偏强：衰减仅 {db} dB", "核对该线的阻抗设置是否与本国线路相符"],
            ["echo is strong: only {db} dB of return loss", "check that the line's impedance is set for its country"]),
        Code::EchoBad => row("echo_bad", Fault,
            ["回声过强：衰减仅 {db} dB", "线路不匹配或断在途中：核对阻抗设置，检查接头，再请运营商测量"],
            ["nearly all comes back: only {db} dB of return loss", "the line does not match or is open further on: check the impedance set, the joints, then have the operator measure it"]),
        Code::NotMeasured => row("not_measured", Warning,
            ["语音引擎没有给出测量值", "再测一次；若仍如此，请查看日志并重启设备"],
            ["the audio engine gave no measurement", "test again; if it stays so, see the log and restart the box"]),
        Code::OnHook => row("on_hook", Good, ["话机已挂机，可振铃", ""], ["the telephone is on hook and can be rung", ""]),
        Code::OffHook => row("off_hook", Warning,
            ["话机摘机但没有通话", "请把话机挂好；若已挂好，检查线对是否短路"],
            ["the telephone is off hook without a call", "hang it up; if it is, look for a short circuit in its wires"]),
    }
}

impl Code {
    /// Its name for programs.
    pub const fn name(self) -> &'static str {
        text(self).name
    }
}

impl Finding {
    /// How bad it is.
    pub fn state(&self) -> State {
        text(self.code).state
    }

    /// The finding in a sentence, without a full stop.
    pub fn says(&self, language: Language) -> String {
        self.measured.fill(of(&text(self.code), language)[0], language)
    }

    /// What is to be done; empty where nothing is.
    pub fn remedy(&self, language: Language) -> String {
        self.measured.fill(of(&text(self.code), language)[1], language)
    }
}

const fn of(row: &Row, language: Language) -> [&'static str; 2] {
    match language {
        Language::Chinese => row.zh,
        Language::English => row.en,
    }
}

impl Measured {
    fn fill(&self, text: &str, language: Language) -> String {
        let number = |value: Option<u64>| value.map(|value| value.to_string());
        let tenth = |value: f32| format!("{value:.1}");
        let hz = match self.hz {
            [0, _] => None,
            [only, 0] => Some(only.to_string()),
            [low, high] => Some(format!("{low}+{high}")),
        };
        let joint = if language == Language::Chinese { "、" } else { ", " };
        let countries: Vec<_> = self.countries.iter().map(|code| country(code, language)).collect();
        let figures = [
            ("{count}", number(self.count)),
            ("{of}", number(self.of)),
            ("{seconds}", number(self.seconds)),
            ("{hz}", hz),
            ("{level}", self.level.map(|level| tenth(level.0))),
            ("{db}", self.db.map(tenth)),
            ("{countries}", (!countries.is_empty()).then(|| countries.join(joint))),
            ("{own}", Some(country(self.own, language).to_owned())),
        ];
        figures.iter().fold(text.to_owned(), |text, (name, figure)| match figure {
            Some(figure) => text.replace(name, figure),
            None => text,
        })
    }
}

/// A country's name by its letters; the letters themselves where the box has no table of it.
pub fn country(code: &'static str, language: Language) -> &'static str {
    let row = COUNTRIES.iter().find(|(known, _, _)| *known == code);
    match (row, language) {
        (Some((_, zh, _)), Language::Chinese) => zh,
        (Some((_, _, en)), Language::English) => en,
        (None, _) => code,
    }
}

/// Of every table of tones.
const COUNTRIES: &[(&str, &str, &str)] = &[
    ("cn", "中国", "China"),
    ("us", "美国", "USA"),
    ("uk", "英国", "Britain"),
    ("de", "德国", "Germany"),
    ("jp", "日本", "Japan"),
    ("tw", "中国台湾", "Taiwan"),
    ("mo", "中国澳门", "Macao"),
    ("hk", "中国香港", "Hong Kong"),
    ("sg", "新加坡", "Singapore"),
    ("fr", "法国", "France"),
    ("au", "澳大利亚", "Australia"),
    ("in", "印度", "India"),
    ("my", "马来西亚", "Malaysia"),
    ("ru", "俄罗斯", "Russia"),
    ("br", "巴西", "Brazil"),
    ("nl", "荷兰", "Netherlands"),
    ("it", "意大利", "Italy"),
    ("es", "西班牙", "Spain"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_country_of_the_tables_has_a_name() {
        for row in dsp_progress::TABLES {
            assert!(COUNTRIES.iter().any(|(code, _, _)| *code == row.country), "{}", row.country);
        }
        assert_eq!(country("xx", Language::Chinese), "xx");
    }

    #[test]
    fn figures_are_put_in_and_both_languages_name_the_same() {
        let measured = Measured {
            hz: [350, 440],
            level: Some(base::Dbm0(-13.04)),
            countries: vec!["us", "uk"],
            own: "cn",
            ..Measured::default()
        };
        let finding = Finding { code: Code::DialToneForeign, measured };
        let said = "dial tone 350+440 Hz at -13.0 dBm0 is that of USA, Britain, but the line is set to China";
        assert_eq!(finding.says(Language::English), said);
        assert_eq!(
            finding.says(Language::Chinese),
            "拨号音 350+440 Hz，电平 -13.0 dBm0，属于美国、英国，而线路设为中国"
        );
        assert!(finding.remedy(Language::English).starts_with("check country"));
    }
}
