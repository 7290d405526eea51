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
 *                                       what calls of the box meet from now on; refuse: at once (libpri does it for some causes: 1)
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
#include "pri_peer.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

struct pri *pri;
struct manners incoming = {.what = "answer", .cause = PRI_CAUSE_USER_BUSY};
int is_network = 1;
static int d_socket;

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
        snprintf(incoming.what, TEXT, "%s", word(line, "do"));
        snprintf(incoming.play, TEXT, "%s", word(line, "play"));
        snprintf(incoming.record, TEXT, "%s", word(line, "record"));
        snprintf(incoming.connected, TEXT, "%s", word(line, "connected"));
        incoming.cause = number(line, "cause", PRI_CAUSE_USER_BUSY);
    } else if (!strcmp(verb, "taken")) {
        incoming.taken_channel = number(line, "channel", 0);
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
            incoming.overlap_digits = atoi(argv[++at]);
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
