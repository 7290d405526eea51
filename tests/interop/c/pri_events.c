/* What libpri tells of its calls, and how calls of the box are met. */
#include "pri_peer.h"

#include <string.h>

static int next_incoming = FIRST_INCOMING;

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
    if (!*incoming.connected)
        return;
    memset(&connected, 0, sizeof connected);
    connected.id.number.valid = 1;
    connected.id.number.plan = PRI_UNKNOWN;
    connected.id.number.presentation = PRES_ALLOWED_USER_NUMBER_PASSED_SCREEN;
    snprintf(connected.id.number.str, sizeof connected.id.number.str, "%.60s", incoming.connected);
    pri_connected_line_update(pri, call->libpri, &connected);
}

static void meet_incoming(struct call *call) {
    settle_glare(call);
    if (incoming.taken_channel && call->channel == incoming.taken_channel) {
        pri_hangup(pri, call->libpri, PRI_CAUSE_REQUESTED_CHAN_UNAVAIL);
    } else if (!strcmp(incoming.what, "refuse")) {
        pri_hangup(pri, call->libpri, incoming.cause);
    } else if (!strcmp(incoming.what, "busy")) {
        /* Without an answer before it, libpri clears without a word for most causes. */
        pri_proceeding(pri, call->libpri, call->channel, 0);
        pri_hangup(pri, call->libpri, incoming.cause);
    } else if (!strcmp(incoming.what, "answer") || !strcmp(incoming.what, "ring")) {
        pri_proceeding(pri, call->libpri, call->channel, 0);
        pri_acknowledge(pri, call->libpri, call->channel, 0);
        if (!strcmp(incoming.what, "answer")) {
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
    snprintf(call->play, TEXT, "%s", incoming.play);
    snprintf(call->record_path, TEXT, "%s", incoming.record);
    snprintf(call->digits, TEXT, "%s", ring->callednum);
    begin("ring", call);
    put_text("to", ring->callednum);
    put_text("from", ring->callingnum);
    put_text("name", ring->callingname);
    put_text("uui", ring->useruserinfo);
    put_text("diverted", ring->redirectingnum);
    printf(",\"reason\":%d,\"complete\":%s", ring->redirectingreason, ring->complete ? "true" : "false");
    end();
    if (!ring->complete && (int)strlen(call->digits) < incoming.overlap_digits)
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
    if (ring->complete || (int)strlen(call->digits) >= incoming.overlap_digits)
        meet_incoming(call);
}

void send_overlap(struct call *call) {
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

void on_event(pri_event *event) {
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
