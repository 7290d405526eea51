/* The far end of R2 channels: Debian's openr2 as caller and as called exchange, on a clock and on lines that the test drives.
 *
 *   r2_peer variant=CN channels=1 [max_ani=10] [max_dnis=10] [ani_first=yes|no] [immediate=yes] [skip_category=yes]
 *           [double_answer=yes] [metering_ms=400] [back_ms=2000]
 *
 * All goes in messages of one shape, one a 10 ms, each answered by one before the next: two octets of length (the lower first) and
 * as much text, then 81 octets a channel: ABCD bits and 80 samples of A-law. Text to the peer are commands, one a line, words
 * `key=value` without spaces; text from it are events, lines of JSON. The program ends with stdin.
 *
 *   call channel=1 to=1234 [from=5678] [category=0]     without `from` the number is withheld; categories are openr2's numbers
 *   incoming do=accept|refuse|wait [mode=0] [then=answer|double|ring|hangup] [cause=0] [digits=N]
 *                                       what calls of the box meet from now on; modes and causes are openr2's numbers; with `digits`
 *                                       no more of the called number is asked for than these
 *   answer channel=1 [double=yes]       hangup channel=1 [cause=6]           block channel=1       idle channel=1
 *   alarm channel=1 on=yes|no           quit
 *
 * What is heard of an answered call goes back to the line: the peer is an echo. R2_PEER_DEBUG in the environment has openr2 log all
 * to stderr. */
#include "r2_line.h"

#include <stdio.h>

/* Wants size_t from others. */
#include <openr2.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT = 4096, WORD = 64 };

static openr2_context_t *context;
static openr2_chan_t *channels[MOST_CHANNELS];
static int channel_count;
static char events[TEXT];
static size_t events_length;
static struct {
    char what[WORD], then[WORD];
    int mode, cause, digits;
} incoming = {.what = "accept", .then = "answer"};

/* ---- what is told ---- */

static void tell(openr2_chan_t *channel, const char *event, const char *format, ...) {
    int number = 0;
    while (number < channel_count && channels[number] != channel)
        number++;
    char rest[512] = "";
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(rest, sizeof rest, format, arguments);
    va_end(arguments);
    size_t room = TEXT - events_length;
    int length = snprintf(events + events_length, room, "{\"event\":\"%s\",\"channel\":%d%s}\n", event, number + 1, rest);
    events_length += (size_t)length < room ? (size_t)length : 0;
}

static void on_call_init(openr2_chan_t *channel) {
    tell(channel, "seized", "");
}

static int on_dnis_digit(openr2_chan_t *channel, char digit) {
    (void)digit;
    return !incoming.digits || (int)strlen(openr2_chan_get_dnis(channel)) < incoming.digits;
}

static void on_ani_digit(openr2_chan_t *channel, char digit) {
    (void)channel, (void)digit;
}

static void on_call_offered(openr2_chan_t *channel, const char *ani, const char *dnis, openr2_calling_party_category_t category) {
    tell(channel, "offered", ",\"from\":\"%s\",\"withheld\":%s,\"to\":\"%s\",\"category\":%d", ani ? ani : "",
         ani ? "false" : "true", dnis, category);
    if (!strcmp(incoming.what, "accept"))
        openr2_chan_accept_call(channel, (openr2_call_mode_t)incoming.mode);
    else if (!strcmp(incoming.what, "refuse"))
        openr2_chan_disconnect_call(channel, (openr2_call_disconnect_cause_t)incoming.cause);
}

static void on_call_accepted(openr2_chan_t *channel, openr2_call_mode_t mode) {
    tell(channel, "accepted", ",\"mode\":%d", mode);
    if (openr2_chan_get_direction(channel) != OR2_DIR_BACKWARD)
        return;
    if (!strcmp(incoming.then, "answer"))
        openr2_chan_answer_call(channel);
    else if (!strcmp(incoming.then, "double"))
        openr2_chan_answer_call_with_mode(channel, OR2_ANSWER_DOUBLE);
    else if (!strcmp(incoming.then, "hangup"))
        openr2_chan_disconnect_call(channel, (openr2_call_disconnect_cause_t)incoming.cause);
}

static void on_call_answered(openr2_chan_t *channel) {
    tell(channel, "answered", "");
}

static void on_call_disconnect(openr2_chan_t *channel, openr2_call_disconnect_cause_t cause) {
    tell(channel, "clearing", ",\"cause\":%d", cause);
    openr2_chan_disconnect_call(channel, OR2_CAUSE_NORMAL_CLEARING);
}

static void on_call_end(openr2_chan_t *channel) {
    tell(channel, "released", "");
}

static void on_call_read(openr2_chan_t *channel, const unsigned char *octets, int count) {
    openr2_chan_write(channel, octets, count);
}

static void on_alarm(openr2_chan_t *channel, int alarm) {
    tell(channel, "alarm", ",\"on\":%s", alarm ? "true" : "false");
}

static void on_os_error(openr2_chan_t *channel, int code) {
    tell(channel, "os_error", ",\"what\":\"%s\"", strerror(code));
}

static void on_protocol_error(openr2_chan_t *channel, openr2_protocol_error_t error) {
    tell(channel, "protocol_error", ",\"what\":\"%s\"", openr2_proto_get_error(error));
}

static void on_line_blocked(openr2_chan_t *channel) {
    tell(channel, "blocked", "");
}

static void on_line_idle(openr2_chan_t *channel) {
    tell(channel, "idle", "");
}

static void on_billing_pulse(openr2_chan_t *channel) {
    tell(channel, "pulse", "");
}

static void on_context_log(openr2_context_t *of, openr2_log_level_t level, const char *format, va_list arguments) {
    (void)of, (void)level;
    if (getenv("R2_PEER_DEBUG"))
        vfprintf(stderr, format, arguments);
}

static void on_channel_log(openr2_chan_t *channel, openr2_log_level_t level, const char *format, va_list arguments) {
    (void)channel;
    on_context_log(context, level, format, arguments);
}

static openr2_event_interface_t events_interface = {
    .on_call_init = on_call_init,
    .on_call_offered = on_call_offered,
    .on_call_accepted = on_call_accepted,
    .on_call_answered = on_call_answered,
    .on_call_disconnect = on_call_disconnect,
    .on_call_end = on_call_end,
    .on_call_read = on_call_read,
    .on_hardware_alarm = on_alarm,
    .on_os_error = on_os_error,
    .on_protocol_error = on_protocol_error,
    .on_line_blocked = on_line_blocked,
    .on_line_idle = on_line_idle,
    .on_context_log = on_context_log,
    .on_dnis_digit_received = on_dnis_digit,
    .on_ani_digit_received = on_ani_digit,
    .on_billing_pulse_received = on_billing_pulse,
};

/* ---- commands ---- */

/* The word after `key=` in the line; empty where there is none. */
static const char *word(const char *line, const char *key) {
    static char found[8][WORD];
    static int turn;
    char *out = found[turn++ % 8], wanted[WORD];
    *out = 0;
    snprintf(wanted, sizeof wanted, " %s=", key);
    const char *at = strstr(line, wanted);
    if (at) {
        at += strlen(wanted);
        snprintf(out, WORD, "%.*s", (int)strcspn(at, " \n"), at);
    }
    return out;
}

static int number(const char *line, const char *key, int otherwise) {
    const char *text = word(line, key);
    return *text ? atoi(text) : otherwise;
}

static int yes(const char *line, const char *key) {
    return !strcmp(word(line, key), "yes");
}

static int obey(const char *verb, const char *line) {
    int at = number(line, "channel", 1) - 1;
    openr2_chan_t *channel = at >= 0 && at < channel_count ? channels[at] : NULL;
    if (!strcmp(verb, "incoming")) {
        snprintf(incoming.what, WORD, "%s", word(line, "do"));
        snprintf(incoming.then, WORD, "%s", word(line, "then"));
        incoming.mode = number(line, "mode", OR2_CALL_WITH_CHARGE);
        incoming.cause = number(line, "cause", OR2_CAUSE_BUSY_NUMBER);
        incoming.digits = number(line, "digits", 0);
        return 0;
    }
    if (!channel)
        return -1;
    if (!strcmp(verb, "call")) {
        const char *from = word(line, "from");
        return openr2_chan_make_call(channel, *from ? from : NULL, word(line, "to"),
                                     (openr2_calling_party_category_t)number(line, "category", 0));
    }
    if (!strcmp(verb, "answer"))
        return openr2_chan_answer_call_with_mode(channel, yes(line, "double") ? OR2_ANSWER_DOUBLE : OR2_ANSWER_SIMPLE);
    if (!strcmp(verb, "hangup"))
        return openr2_chan_disconnect_call(channel,
                                           (openr2_call_disconnect_cause_t)number(line, "cause", OR2_CAUSE_NORMAL_CLEARING));
    if (!strcmp(verb, "block"))
        return openr2_chan_set_blocked(channel);
    if (!strcmp(verb, "idle"))
        return openr2_chan_set_idle(channel);
    if (!strcmp(verb, "alarm"))
        return line_alarm(at, yes(line, "on")), 0;
    return -1;
}

static void on_command(const char *line) {
    char verb[16] = "";
    sscanf(line, "%15s", verb);
    int at = number(line, "channel", 1) - 1;
    if (obey(verb, line))
        tell(channels[at >= 0 && at < channel_count ? at : 0], "refused", ",\"what\":\"%s\"", line);
}

/* ---- messages ---- */

static void receive(void *octets, size_t count) {
    if (count && fread(octets, 1, count, stdin) != count)
        exit(0);
}

static void take_message(void) {
    static char text[TEXT];
    uint8_t length[2], message[1 + BLOCK];
    receive(length, sizeof length);
    size_t count = (size_t)length[0] | (size_t)length[1] << 8;
    if (count >= sizeof text)
        exit(2);
    receive(text, count);
    text[count] = 0;
    line_clock();
    for (int channel = 0; channel < channel_count; channel++) {
        receive(message, sizeof message);
        line_in(channel, message[0], message + 1);
    }
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
        on_command(line);
}

static void send_message(void) {
    uint8_t length[2] = {(uint8_t)events_length, (uint8_t)(events_length >> 8)}, message[1 + BLOCK];
    fwrite(length, 1, sizeof length, stdout);
    fwrite(events, 1, events_length, stdout);
    events_length = 0;
    for (int channel = 0; channel < channel_count; channel++) {
        line_out(channel, &message[0], message + 1);
        fwrite(message, 1, sizeof message, stdout);
    }
    if (fflush(stdout))
        exit(0);
}

/* ---- A-law, for openr2's own tones: G.711 table 1a ---- */

static int16_t alaw_to_linear(uint8_t octet) {
    int code = octet ^ 0x55, exponent = code >> 4 & 7, magnitude = (code & 0xf) << 4 | 8;
    if (exponent)
        magnitude = (magnitude | 0x100) << (exponent - 1);
    return (int16_t)(code & 0x80 ? magnitude : -magnitude);
}

static uint8_t linear_to_alaw(int linear) {
    int sign = linear < 0 ? 0 : 0x80, magnitude = linear < 0 ? -linear - 1 : linear, exponent = 0;
    magnitude = magnitude > 0x7fff ? 0x7fff : magnitude;
    while (exponent < 7 && magnitude >> (exponent + 8))
        exponent++;
    int mantissa = magnitude >> (exponent ? exponent + 3 : 4) & 0xf;
    return (uint8_t)((sign | exponent << 4 | mantissa) ^ 0x55);
}

static openr2_transcoder_interface_t transcoder = {alaw_to_linear, linear_to_alaw};

static void open_channels(const char *options) {
    openr2_variant_t variant = openr2_proto_get_variant(word(options, "variant"));
    context = openr2_context_new(NULL, &events_interface, &transcoder, variant, number(options, "max_ani", 10),
                                 number(options, "max_dnis", 10));
    if (!context) {
        fprintf(stderr, "r2_peer: openr2 knows no variant '%s'\n", word(options, "variant"));
        exit(2);
    }
    openr2_context_set_log_level(context, getenv("R2_PEER_DEBUG") ? OR2_LOG_ALL : OR2_LOG_NOTHING);
    if (*word(options, "ani_first"))
        openr2_context_set_ani_first(context, yes(options, "ani_first"));
    openr2_context_set_immediate_accept(context, yes(options, "immediate"));
    openr2_context_set_skip_category_request(context, yes(options, "skip_category"));
    openr2_context_set_double_answer(context, yes(options, "double_answer"));
    openr2_context_set_mf_back_timeout(context, number(options, "back_ms", -1));
    openr2_context_set_metering_pulse_timeout(context, number(options, "metering_ms", -1));
    channel_count = number(options, "channels", 1);
    channel_count = channel_count > MOST_CHANNELS ? MOST_CHANNELS : channel_count;
    line_open(channel_count);
    for (int channel = 0; channel < channel_count; channel++) {
        channels[channel] = openr2_chan_new_from_fd(context, line_fd(channel), NULL, NULL);
        if (!channels[channel]) {
            fprintf(stderr, "r2_peer: %s\n", openr2_context_error_string(openr2_context_get_last_error(context)));
            exit(2);
        }
        openr2_chan_set_logging_func(channels[channel], on_channel_log);
        openr2_chan_set_log_level(channels[channel], openr2_context_get_log_level(context));
        openr2_chan_set_idle(channels[channel]);
        openr2_chan_handle_cas(channels[channel]);
        openr2_chan_enable_read(channels[channel]);
    }
}

int main(int argc, char **argv) {
    char options[TEXT] = "";
    size_t length = 0;
    for (int at = 1; at < argc && length < sizeof options - 2 * WORD; at++)
        length += (size_t)snprintf(options + length, WORD, " %s", argv[at]);
    open_channels(options);
    for (;;) {
        take_message();
        for (int channel = 0; channel < channel_count; channel++)
            openr2_chan_process_event(channels[channel]);
        send_message();
    }
}
