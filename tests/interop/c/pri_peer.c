/* The network (or, with --user, a customer) at the far end of a lab span: Debian's libpri over the card's two sockets.
 *
 *   pri_peer [--user] [--qsig] [--overlap DIGITS] DIR
 *
 * DIR holds the sockets `d` and `audio` (drivers/lab/README.md). Commands come as lines on stdin, words `key=value` without
 * spaces; events go out as lines of JSON on stdout. The program ends with stdin.
 *
 *   call id=1 to=4008001234 from=02112345678 channel=5 [overlap=yes] [preferred=yes] [name=N] [uui=TEXT] [diverted=NUMBER]
 *        [play=F.wav] [record=F.wav]
 *   incoming do=answer|ring|busy|refuse|ignore [cause=21] [connected=NUMBER] [play=F.wav] [record=F.wav]
 *                                       what calls of the box meet from now on; refuse: at once, without CALL PROCEEDING
 *   taken channel=5                     calls of the box on this channel are refused with cause 44; 0: none are
 *   play id=1 file=F.wav      dtmf id=1 digits=123# [on=80] [off=80]    behind what is still being played
 *   answer id=1000            digits id=1 digits=56 (overlap)           hangup id=1 [cause=16]
 *   hold id=1                 retrieve id=1                             notify id=1 info=0
 *   restart channel=5         quit
 *
 * A call of the box that meets one of ours on its channel (glare) gets another in our first answer where we are the network, and
 * the channel where we are the customer: ours then moves to the channel that the answer names.
 *
 * Ids of calls of the box begin at 1000. WAV files are 8 kHz; what is recorded is A-law. */
#include "wav.h"

#include <errno.h>
#include <fcntl.h>
#include <libpri.h>
#include <math.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { BLOCK = 80, CALLS = 64, CHANNELS = 32, FIRST_INCOMING = 1000, AUDIO_MESSAGE = 3 + BLOCK, TEXT = 256 };

struct call {
    q931_call *libpri; /* NULL: a free place */
    int id, channel, talking;
    uint8_t *audio; /* still to be played, A-law */
    size_t length, at;
    FILE *record;
    uint16_t sequence; /* of the next block sent */
    int last_sequence; /* of the block recorded last; -1 before the first */
    long missing;
    char play[TEXT], record_path[TEXT], digits[TEXT]; /* digits: still to be sent, or collected, in overlap */
};

static struct pri *pri;
static int d_socket, audio_socket, overlap_digits, next_incoming = FIRST_INCOMING;
static struct call calls[CALLS];
static int incoming_cause, taken_channel, is_network = 1;
static char incoming_do[TEXT] = "answer", incoming_play[TEXT], incoming_record[TEXT], incoming_connected[TEXT];

/* ---- events ---- */

static void put_text(const char *key, const char *text) {
    printf(",\"%s\":\"", key);
    for (; *text; text++)
        if (*text == '"' || *text == '\\')
            printf("\\%c", *text);
        else if ((unsigned char)*text < ' ')
            printf("\\u%04x", *text);
        else
            putchar(*text);
    putchar('"');
}

static void begin(const char *event, const struct call *call) {
    printf("{\"event\":\"%s\"", event);
    if (call)
        printf(",\"id\":%d,\"channel\":%d", call->id, call->channel);
}

static void end(void) {
    printf("}\n");
    fflush(stdout);
}

static void tell(const char *event, const struct call *call) {
    begin(event, call);
    end();
}

static void complain(const char *what, const char *about) {
    begin("error", NULL);
    put_text("text", what);
    put_text("about", about);
    end();
}

static void on_libpri_message(struct pri *from, char *text) {
    (void)from;
    fputs(text, stderr);
}

/* ---- sockets ---- */

static int connect_to(const char *dir, const char *name) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    if (snprintf(address.sun_path, sizeof address.sun_path, "%s/%s", dir, name) >= (int)sizeof address.sun_path)
        errno = ENAMETOOLONG;
    else if (fd >= 0 && !connect(fd, (struct sockaddr *)&address, sizeof address) && !fcntl(fd, F_SETFL, O_NONBLOCK))
        return fd;
    fprintf(stderr, "pri_peer: %s/%s: %s\n", dir, name, strerror(errno));
    exit(1);
}

/* libpri counts two octets of FCS that the card keeps to itself: room for them is added here and taken off there. */
static int read_frame(struct pri *from, void *frame, int room) {
    (void)from;
    ssize_t got = recv(d_socket, frame, (size_t)room - 2, MSG_DONTWAIT);
    if (got == 0) {
        tell("line_gone", NULL);
        exit(0);
    }
    return got < 0 ? 0 : (int)got + 2;
}

static int write_frame(struct pri *to, void *frame, int length) {
    (void)to;
    return send(d_socket, frame, (size_t)length - 2, MSG_NOSIGNAL) < 0 ? 0 : length;
}

/* ---- calls ---- */

static struct call *by_id(int id) {
    for (struct call *call = calls; call < calls + CALLS; call++)
        if (call->libpri && call->id == id)
            return call;
    return NULL;
}

static struct call *by_libpri(q931_call *libpri) {
    for (struct call *call = calls; call < calls + CALLS; call++)
        if (libpri && call->libpri == libpri)
            return call;
    return NULL;
}

static struct call *add(q931_call *libpri, int id, int channel) {
    for (struct call *call = calls; call < calls + CALLS; call++)
        if (!call->libpri) {
            *call = (struct call){.libpri = libpri, .id = id, .channel = channel, .last_sequence = -1};
            return call;
        }
    return NULL;
}

static void append(struct call *call, const uint8_t *octets, size_t count) {
    if (call->at == call->length)
        call->at = call->length = 0;
    call->audio = realloc(call->audio, call->length + count);
    if (!call->audio)
        abort();
    memcpy(call->audio + call->length, octets, count);
    call->length += count;
}

static void play(struct call *call, const char *path) {
    struct wav wav;
    if (wav_read(path, &wav) || wav.channels != 1 || wav.rate_hz != 8000) {
        complain("not a mono WAV file of 8 kHz", path);
        return;
    }
    for (size_t at = 0; at < wav.frames; at++) {
        uint8_t octet = alaw_of(wav.samples[at]);
        append(call, &octet, 1);
    }
    free(wav.samples);
}

/* Q.23 tones of -7 dBm0 each. */
static void play_dtmf(struct call *call, const char *digits, int on_ms, int off_ms) {
    static const char grid[] = "123A456B789C*0#D";
    static const double rows[] = {697, 770, 852, 941}, columns[] = {1209, 1336, 1477, 1633};
    const double amplitude = 32768 * pow(10, (-7 - 3.14) / 20), turn = 2 * acos(-1) / 8000;
    for (const char *place; *digits; digits++) {
        if (!(place = strchr(grid, *digits)))
            continue;
        double low = rows[(place - grid) / 4] * turn, high = columns[(place - grid) % 4] * turn;
        for (int at = 0; at < (on_ms + off_ms) * 8; at++) {
            uint8_t octet = at < on_ms * 8 ? alaw_of((int)(amplitude * (sin(low * at) + sin(high * at)))) : ALAW_SILENCE;
            append(call, &octet, 1);
        }
    }
}

static void talk(struct call *call) {
    if (call->talking)
        return;
    call->talking = 1;
    if (*call->play)
        play(call, call->play);
    if (*call->record_path && !(call->record = wav_begin(call->record_path)))
        complain("cannot be written", call->record_path);
}

static void forget(struct call *call) {
    if (call->record) {
        long blocks = (ftell(call->record) - 58) / BLOCK;
        int failed = wav_end(call->record);
        begin("recorded", call);
        put_text("file", call->record_path);
        printf(",\"blocks\":%ld,\"missing\":%ld,\"whole\":%s", blocks, call->missing, failed ? "false" : "true");
        end();
    }
    free(call->audio);
    *call = (struct call){0};
}

/* ---- audio: a block a channel each 10 ms ---- */

static void send_block(struct call *call) {
    uint8_t message[AUDIO_MESSAGE];
    size_t left = call->length - call->at, now = left < BLOCK ? left : BLOCK;
    message[0] = (uint8_t)call->channel;
    message[1] = (uint8_t)(call->sequence >> 8);
    message[2] = (uint8_t)call->sequence++;
    memset(message + 3, ALAW_SILENCE, BLOCK);
    if (now)
        memcpy(message + 3, call->audio + call->at, now);
    call->at += now;
    send(audio_socket, message, sizeof message, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (now && now == left)
        tell("played", call);
}

static void record_block(struct call *call, int sequence, const uint8_t *octets) {
    static const uint8_t silence[BLOCK] = {[0 ... BLOCK - 1] = ALAW_SILENCE};
    int gap = call->last_sequence < 0 ? 0 : (sequence - call->last_sequence - 1) & 0xFFFF;
    call->last_sequence = sequence;
    if (gap < 0x8000)
        for (call->missing += gap; gap; gap--)
            fwrite(silence, BLOCK, 1, call->record);
    fwrite(octets, BLOCK, 1, call->record);
}

static void take_audio(void) {
    uint8_t message[AUDIO_MESSAGE + 1];
    while (recv(audio_socket, message, sizeof message, MSG_DONTWAIT) == AUDIO_MESSAGE)
        for (struct call *call = calls; call < calls + CALLS; call++)
            if (call->libpri && call->record && call->channel == message[0])
                record_block(call, message[1] << 8 | message[2], message + 3);
}

/* ---- what libpri tells ---- */

static struct call *other_on(int channel, const struct call *but) {
    for (struct call *call = calls; call < calls + CALLS; call++)
        if (call->libpri && call != but && call->channel == channel)
            return call;
    return NULL;
}

/* Both ends seized the channel. The network's call keeps it: the other gets the next that is free. */
static void settle_glare(struct call *call) {
    if (!is_network || !other_on(call->channel, call))
        return;
    tell("glare", call);
    for (int channel = 1; channel < CHANNELS; channel++)
        if (channel != 16 && !other_on(channel, call)) {
            call->channel = channel;
            return;
        }
}

/* Who answers is somebody else than who was called. */
static void name_connected(struct call *call) {
    struct pri_party_connected_line connected;
    if (!*incoming_connected)
        return;
    memset(&connected, 0, sizeof connected);
    connected.id.number.valid = 1;
    connected.id.number.plan = PRI_UNKNOWN;
    connected.id.number.presentation = PRES_ALLOWED_USER_NUMBER_PASSED_SCREEN;
    snprintf(connected.id.number.str, sizeof connected.id.number.str, "%.60s", incoming_connected);
    pri_connected_line_update(pri, call->libpri, &connected);
}

static void meet_incoming(struct call *call) {
    settle_glare(call);
    if (taken_channel && call->channel == taken_channel) {
        pri_hangup(pri, call->libpri, PRI_CAUSE_REQUESTED_CHAN_UNAVAIL);
    } else if (!strcmp(incoming_do, "refuse")) {
        pri_hangup(pri, call->libpri, incoming_cause);
    } else if (!strcmp(incoming_do, "busy")) {
        /* libpri clears a call that nothing answered with DISCONNECT, which Q.931 does not allow there. */
        pri_proceeding(pri, call->libpri, call->channel, 0);
        pri_hangup(pri, call->libpri, incoming_cause);
    } else if (!strcmp(incoming_do, "answer") || !strcmp(incoming_do, "ring")) {
        pri_proceeding(pri, call->libpri, call->channel, 0);
        pri_acknowledge(pri, call->libpri, call->channel, 0);
        if (!strcmp(incoming_do, "answer")) {
            name_connected(call);
            pri_answer(pri, call->libpri, call->channel, 0);
            talk(call);
        }
    }
}

static void on_ring(pri_event_ring *ring) {
    int channel = ring->channel & 0xFF;
    struct call *call = add(ring->call, next_incoming, channel);
    if (!call) {
        pri_hangup(pri, ring->call, PRI_CAUSE_NORMAL_CIRCUIT_CONGESTION);
        return;
    }
    next_incoming++;
    snprintf(call->play, TEXT, "%s", incoming_play);
    snprintf(call->record_path, TEXT, "%s", incoming_record);
    snprintf(call->digits, TEXT, "%s", ring->callednum);
    begin("ring", call);
    put_text("to", ring->callednum);
    put_text("from", ring->callingnum);
    put_text("name", ring->callingname);
    put_text("uui", ring->useruserinfo);
    put_text("diverted", ring->redirectingnum);
    printf(",\"reason\":%d,\"complete\":%s", ring->redirectingreason, ring->complete ? "true" : "false");
    end();
    if (!ring->complete && (int)strlen(call->digits) < overlap_digits)
        pri_need_more_info(pri, ring->call, channel, 0);
    else
        meet_incoming(call);
}

static void on_more_digits(pri_event_ring *ring) {
    struct call *call = by_libpri(ring->call);
    if (!call)
        return;
    size_t known = strlen(call->digits);
    snprintf(call->digits + known, TEXT - known, "%s", ring->callednum);
    begin("more_digits", call);
    put_text("to", call->digits);
    end();
    if (ring->complete || (int)strlen(call->digits) >= overlap_digits)
        meet_incoming(call);
}

static void send_overlap(struct call *call) {
    for (const char *digit = call->digits; *digit; digit++)
        pri_information(pri, call->libpri, *digit);
    call->digits[0] = 0;
}

enum answer { NONE, HANG_UP };

static void on_clearing(const char *event, pri_event_hangup *hangup, enum answer answer, int over) {
    struct call *call = by_libpri(hangup->call);
    if (call) {
        begin(event, call);
        printf(",\"cause\":%d", hangup->cause);
        end();
    }
    /* After this libpri has freed a call that is over. */
    if (answer == HANG_UP)
        pri_hangup(pri, hangup->call, hangup->cause);
    if (call && over)
        forget(call);
}

/* Events of a call in progress carry call and channel at the same places. */
static void on_progress(const char *event, q931_call *libpri, int channel) {
    struct call *call = by_libpri(libpri);
    if (!call)
        return;
    if (channel > 0)
        call->channel = channel & 0xFF;
    tell(event, call);
}

static void on_answer(pri_event_answer *answer) {
    struct call *call = by_libpri(answer->call);
    if (!call)
        return;
    if (answer->channel > 0)
        call->channel = answer->channel & 0xFF;
    begin("answered", call);
    for (int at = 0; answer->subcmds && at < answer->subcmds->counter_subcmd; at++)
        if (answer->subcmds->subcmd[at].cmd == PRI_SUBCMD_CONNECTED_LINE)
            put_text("connected", answer->subcmds->subcmd[at].u.connected_line.id.number.str);
    end();
    talk(call);
}

/* Hold and retrieval are granted. */
static void on_hold_event(pri_event *event) {
    switch (event->e) {
    case PRI_EVENT_HOLD:
        on_progress("hold", event->hold.call, 0);
        pri_hold_ack(pri, event->hold.call);
        break;
    case PRI_EVENT_HOLD_ACK:
        on_progress("hold_ack", event->hold_ack.call, 0);
        break;
    case PRI_EVENT_HOLD_REJ:
        on_progress("hold_rej", event->hold_rej.call, 0);
        break;
    case PRI_EVENT_RETRIEVE:
        on_progress("retrieve", event->retrieve.call, 0);
        if (by_libpri(event->retrieve.call))
            pri_retrieve_ack(pri, event->retrieve.call, by_libpri(event->retrieve.call)->channel);
        break;
    case PRI_EVENT_RETRIEVE_ACK:
        on_progress("retrieve_ack", event->retrieve_ack.call, event->retrieve_ack.channel);
        break;
    case PRI_EVENT_RETRIEVE_REJ:
        on_progress("retrieve_rej", event->retrieve_rej.call, 0);
        break;
    }
}

static void on_event(pri_event *event) {
    switch (event->e) {
    case PRI_EVENT_DCHAN_UP:
        tell("up", NULL);
        break;
    case PRI_EVENT_DCHAN_DOWN:
        tell("down", NULL);
        break;
    case PRI_EVENT_RING:
        on_ring(&event->ring);
        break;
    case PRI_EVENT_INFO_RECEIVED:
        on_more_digits(&event->ring);
        break;
    case PRI_EVENT_SETUP_ACK:
        on_progress("setup_ack", event->setup_ack.call, event->setup_ack.channel);
        if (by_libpri(event->setup_ack.call))
            send_overlap(by_libpri(event->setup_ack.call));
        break;
    case PRI_EVENT_PROCEEDING:
        on_progress("proceeding", event->proceeding.call, event->proceeding.channel);
        break;
    case PRI_EVENT_PROGRESS:
        on_progress("progress", event->proceeding.call, event->proceeding.channel);
        break;
    case PRI_EVENT_RINGING:
        on_progress("alerting", event->ringing.call, event->ringing.channel);
        break;
    case PRI_EVENT_ANSWER:
        on_answer(&event->answer);
        break;
    case PRI_EVENT_CONNECT_ACK:
        on_progress("connect_ack", event->connect_ack.call, event->connect_ack.channel);
        break;
    case PRI_EVENT_HANGUP_REQ: /* DISCONNECT: a RELEASE answers it */
        on_clearing("clearing", &event->hangup, HANG_UP, 0);
        break;
    case PRI_EVENT_HANGUP: /* RELEASE or RELEASE COMPLETE */
        on_clearing("released", &event->hangup, HANG_UP, 1);
        break;
    case PRI_EVENT_HANGUP_ACK:
        on_clearing("released", &event->hangup, NONE, 1);
        break;
    case PRI_EVENT_RESTART:
        printf("{\"event\":\"restart\",\"channel\":%d}\n", event->restart.channel & 0xFF);
        fflush(stdout);
        break;
    case PRI_EVENT_RESTART_ACK:
        printf("{\"event\":\"restart_ack\",\"channel\":%d}\n", event->restartack.channel & 0xFF);
        fflush(stdout);
        break;
    case PRI_EVENT_NOTIFY:
        printf("{\"event\":\"notify\",\"info\":%d}\n", event->notify.info);
        fflush(stdout);
        break;
    default:
        on_hold_event(event);
        break;
    }
}

/* ---- commands ---- */

/* The word after `key=` in the line, cut to TEXT; empty where there is none. */
static const char *word(const char *line, const char *key) {
    static char found[8][TEXT];
    static int turn;
    char *out = found[turn++ % 8], wanted[32];
    *out = 0;
    snprintf(wanted, sizeof wanted, " %s=", key);
    const char *at = strstr(line, wanted);
    if (at) {
        at += strlen(wanted);
        snprintf(out, TEXT, "%.*s", (int)strcspn(at, " \n"), at);
    }
    return out;
}

static int number(const char *line, const char *key, int otherwise) {
    const char *text = word(line, key);
    return *text ? atoi(text) : otherwise;
}

static void place_call(const char *line) {
    int overlap = *word(line, "overlap") != 0, channel = number(line, "channel", 1);
    int exclusive = *word(line, "preferred") == 0;
    q931_call *libpri = pri_new_call(pri);
    struct pri_sr *request = pri_sr_new();
    struct call *call = libpri ? add(libpri, number(line, "id", 0), channel) : NULL;
    if (!call || !request) {
        complain("no room for another call", line);
        return;
    }
    snprintf(call->play, TEXT, "%s", word(line, "play"));
    snprintf(call->record_path, TEXT, "%s", word(line, "record"));
    snprintf(call->digits, TEXT, "%s", overlap ? word(line, "to") : "");
    char called[TEXT], calling[TEXT];
    snprintf(called, TEXT, "%s", overlap ? "" : word(line, "to"));
    snprintf(calling, TEXT, "%s", word(line, "from"));
    char name[TEXT], diverted[TEXT];
    snprintf(name, TEXT, "%s", word(line, "name"));
    snprintf(diverted, TEXT, "%s", word(line, "diverted"));
    pri_sr_set_channel(request, channel, exclusive, 0);
    pri_sr_set_bearer(request, PRI_TRANS_CAP_SPEECH, PRI_LAYER_1_ALAW);
    pri_sr_set_called(request, called, PRI_UNKNOWN, !overlap);
    pri_sr_set_caller(request, calling, *name ? name : NULL, PRI_NATIONAL_ISDN, PRES_ALLOWED_NETWORK_NUMBER);
    if (*diverted)
        pri_sr_set_redirecting(request, diverted, PRI_UNKNOWN, PRES_ALLOWED_NETWORK_NUMBER, PRI_REDIR_FORWARD_ON_BUSY);
    if (*word(line, "uui"))
        pri_sr_set_useruser(request, word(line, "uui"));
    if (pri_setup(pri, libpri, request)) {
        complain("libpri does not send the SETUP", line);
        forget(call);
    }
    pri_sr_free(request);
}

static void on_command(const char *line) {
    char verb[16] = "";
    sscanf(line, "%15s", verb);
    struct call *call = by_id(number(line, "id", -1));
    if (!strcmp(verb, "call")) {
        place_call(line);
    } else if (!strcmp(verb, "incoming")) {
        snprintf(incoming_do, TEXT, "%s", word(line, "do"));
        snprintf(incoming_play, TEXT, "%s", word(line, "play"));
        snprintf(incoming_record, TEXT, "%s", word(line, "record"));
        snprintf(incoming_connected, TEXT, "%s", word(line, "connected"));
        incoming_cause = number(line, "cause", PRI_CAUSE_USER_BUSY);
    } else if (!strcmp(verb, "taken")) {
        taken_channel = number(line, "channel", 0);
    } else if (!strcmp(verb, "restart")) {
        pri_reset(pri, number(line, "channel", 1));
    } else if (!strcmp(verb, "quit")) {
        exit(0);
    } else if (!call) {
        complain("no such call or command", line);
    } else if (!strcmp(verb, "play")) {
        play(call, word(line, "file"));
    } else if (!strcmp(verb, "dtmf")) {
        play_dtmf(call, word(line, "digits"), number(line, "on", 80), number(line, "off", 80));
    } else if (!strcmp(verb, "answer")) {
        pri_answer(pri, call->libpri, call->channel, 0);
        talk(call);
    } else if (!strcmp(verb, "digits")) {
        snprintf(call->digits, TEXT, "%s", word(line, "digits"));
        send_overlap(call);
    } else if (!strcmp(verb, "hold")) {
        pri_hold(pri, call->libpri);
    } else if (!strcmp(verb, "retrieve")) {
        pri_retrieve(pri, call->libpri, call->channel);
    } else if (!strcmp(verb, "notify")) {
        pri_notify(pri, call->libpri, call->channel, number(line, "info", 0));
    } else if (!strcmp(verb, "hangup")) {
        pri_hangup(pri, call->libpri, number(line, "cause", PRI_CAUSE_NORMAL_CLEARING));
    } else {
        complain("no such command", line);
    }
}

static void read_commands(void) {
    static char buffer[4096];
    static size_t held;
    ssize_t got = read(0, buffer + held, sizeof buffer - 1 - held);
    if (got <= 0)
        exit(0);
    held += (size_t)got;
    buffer[held] = 0;
    for (char *feed; (feed = strchr(buffer, '\n'));) {
        *feed = 0;
        on_command(buffer);
        held -= (size_t)(feed + 1 - buffer);
        memmove(buffer, feed + 1, held + 1);
    }
    if (held == sizeof buffer - 1)
        exit(1);
}

/* ---- the loop ---- */

static long ms_until(const struct timeval *due) {
    struct timeval now;
    gettimeofday(&now, NULL);
    return due ? (due->tv_sec - now.tv_sec) * 1000 + (due->tv_usec - now.tv_usec) / 1000 + 1 : 1000;
}

static long now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Sends the blocks that are due; gives how long nothing is. */
static long tick(void) {
    static long due;
    long now = now_ms();
    int talking = 0;
    for (struct call *call = calls; call < calls + CALLS; call++)
        talking |= call->libpri && call->talking;
    if (!talking || now - due > 500)
        due = now;
    for (; talking && due <= now; due += 10)
        for (struct call *call = calls; call < calls + CALLS; call++)
            if (call->libpri && call->talking)
                send_block(call);
    return talking ? due - now : 1000;
}

static void loop(void) {
    struct pollfd fds[] = {{d_socket, POLLIN, 0}, {audio_socket, POLLIN, 0}, {0, POLLIN, 0}};
    for (;;) {
        long wait = tick(), timer = ms_until(pri_schedule_next(pri));
        wait = timer < wait ? timer : wait;
        poll(fds, 3, wait < 0 ? 0 : (int)wait);
        /* First of all: a command that was given before a frame was sent is obeyed before the frame is read. */
        if (fds[2].revents)
            read_commands();
        pri_event *event = fds[0].revents ? pri_check_event(pri) : NULL;
        if (event)
            on_event(event);
        if (ms_until(pri_schedule_next(pri)) <= 0 && (event = pri_schedule_run(pri)))
            on_event(event);
        take_audio();
    }
}

int main(int argc, char **argv) {
    int side = PRI_NETWORK, kind = PRI_SWITCH_EUROISDN_E1, at = 1;
    for (; at < argc - 1; at++) {
        if (!strcmp(argv[at], "--user"))
            side = PRI_CPE;
        else if (!strcmp(argv[at], "--qsig"))
            kind = PRI_SWITCH_QSIG;
        else if (!strcmp(argv[at], "--overlap"))
            overlap_digits = atoi(argv[++at]);
        else
            break;
    }
    if (at != argc - 1) {
        fprintf(stderr, "usage: pri_peer [--user] [--qsig] [--overlap DIGITS] DIR\n");
        return 2;
    }
    is_network = side == PRI_NETWORK;
    d_socket = connect_to(argv[at], "d");
    audio_socket = connect_to(argv[at], "audio");
    pri_set_message(on_libpri_message);
    pri_set_error(on_libpri_message);
    pri = pri_new_cb(d_socket, side, kind, read_frame, write_frame, NULL);
    if (!pri) {
        fprintf(stderr, "pri_peer: libpri does not start\n");
        return 1;
    }
    pri_set_overlapdial(pri, 1);
    pri_hangup_fix_enable(pri, 1);
    pri_hold_enable(pri, 1);
    pri_display_options_send(pri, PRI_DISPLAY_OPTION_NAME_INITIAL);
    pri_display_options_receive(pri, PRI_DISPLAY_OPTION_NAME_INITIAL);
    if (getenv("PRI_PEER_DEBUG"))
        pri_set_debug(pri, PRI_DEBUG_Q921_DUMP | PRI_DEBUG_Q931_DUMP | PRI_DEBUG_Q931_STATE);
    loop();
}
