//! R2 between the box and openr2: on each of its variants each story is told, so that cargo's count of tests is the count of scenarios.
//! The box's end is [`sig_r2::R2Span`] with the receivers and senders of [`dsp_mf`]; the audio is A-law, the clock jumps 10 ms at a time.

// The lint knows tests, not their helpers.
#![allow(clippy::unwrap_used)]
mod busy;
mod china;
mod end;
mod from_us;
mod line;
mod manners;
mod to_us;
mod troubles;

use line::Variant;

/// A module of tests for each story: one for each variant that openr2 1.3.3 has.
macro_rules! stories {
    ($($module:ident::$story:ident;)*) => {
        $(
            stories!(@ $module $story,
                argentina "AR" "ar", brazil "BR" "br", china "CN" "cn", colombia "CO" "co", czechia "CZ" "cz", ecuador "EC" "ec",
                indonesia "ID" "id", itu "ITU" "itu", mexico "MX" "mx", philippines "PH" "ph", venezuela "VE" "ve");
        )*
    };
    (@ $module:ident $story:ident, $($variant:ident $name:literal $country:literal),*) => {
        mod $story {
            $(
                #[test]
                fn $variant() {
                    crate::$module::$story(crate::Variant { name: $name, country: $country });
                }
            )*
        }
    };
}

/// The same, in modules of their own.
mod openr2_calls {
    stories! {
        to_us::a_call_brings_both_numbers_and_speech;
        to_us::the_called_party_hangs_up;
        to_us::a_caller_withholds_its_number;
        to_us::a_refused_caller_learns_why;
        to_us::a_caller_gives_up_while_it_rings;
        to_us::a_caller_gives_up_at_any_moment;
        to_us::a_number_of_unknown_length_is_asked_for_until_it_is_whole;
        to_us::a_number_that_ends_early_is_offered_as_it_is;
        to_us::a_call_that_nobody_speaks_for_is_congestion;
    }
}

mod the_box_calls {
    stories! {
        from_us::a_call_brings_both_numbers_and_speech;
        from_us::the_called_party_hangs_up;
        from_us::a_number_is_withheld;
        from_us::a_refused_call_brings_its_cause;
        from_us::a_free_call_is_a_call;
        from_us::we_give_up_while_it_rings;
        from_us::we_give_up_at_any_moment;
        from_us::a_number_that_ends_early_is_offered_as_it_is;
        from_us::digits_go_out_one_by_one;
        from_us::a_called_end_that_stops_in_the_middle_ends_the_call;
    }
}

stories! {
    troubles::a_channel_blocked_there_takes_no_call_from_here;
    troubles::a_channel_blocked_here_takes_no_call_from_there;
    troubles::a_seizure_that_is_not_acknowledged_ends_the_call;
    troubles::a_seizure_whose_acknowledgement_is_lost_frees_the_channel;
    troubles::both_ends_seize_at_once;
    troubles::a_call_that_meets_a_double_seizure_goes_to_another_channel;
    troubles::a_double_seizure_too_short_to_be_seen_moves_the_call_too;
    troubles::a_line_cut_in_the_registers_exchange_is_good_afterwards;
    troubles::noise_on_the_bits_ends_no_call;
    troubles::a_satellite_is_no_trouble;
    troubles::a_hundred_calls_in_a_row;
    busy::a_busy_minute_leaves_nothing_behind;
    busy::a_long_line_with_noise_carries_calls;
    troubles::thirty_calls_at_once;
    manners::forced_release_from_here;
    manners::forced_release_from_there;
    manners::forced_release_before_the_answer;
    manners::categories_are_told_both_ways;
    troubles::an_alarm_at_our_end_frees_the_channel;
}
