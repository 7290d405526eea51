/* Calls between two libpri stacks in memory, SETUP to RELEASE COMPLETE with Q.921, both ends: libpri_calls CALLS
 *
 * The caller's side is the customer. Prints how many calls were answered and released. */
#include <libpri.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FRAME = 300, WAITING = 64, ROUNDS = 200 };

struct end {
    struct pri *pri;
    struct end *peer;
    unsigned char frame[WAITING][FRAME];
    int length[WAITING], first, count;
};

static struct end user, network;
static int up, answered, released;

static struct end *of(struct pri *pri) { return pri_get_userdata(pri); }

static int read_frame(struct pri *pri, void *frame, int room) {
    struct end *end = of(pri);
    if (!end->count)
        return 0;
    int length = end->length[end->first];
    memcpy(frame, end->frame[end->first], (size_t)(length < room ? length : room));
    end->first = (end->first + 1) % WAITING;
    end->count--;
    return length;
}

static int write_frame(struct pri *pri, void *frame, int length) {
    struct end *to = of(pri)->peer;
    if (to->count < WAITING && length <= FRAME) {
        int at = (to->first + to->count++) % WAITING;
        memcpy(to->frame[at], frame, (size_t)length);
        to->length[at] = length;
    }
    return length;
}

static void on_event(struct end *end, pri_event *event) {
    switch (event->e) {
    case PRI_EVENT_DCHAN_UP:
        up++;
        break;
    case PRI_EVENT_RING:
        pri_proceeding(end->pri, event->ring.call, event->ring.channel, 0);
        pri_acknowledge(end->pri, event->ring.call, event->ring.channel, 0);
        pri_answer(end->pri, event->ring.call, event->ring.channel, 0);
        break;
    case PRI_EVENT_ANSWER:
        answered++;
        pri_hangup(end->pri, event->answer.call, PRI_CAUSE_NORMAL_CLEARING);
        break;
    case PRI_EVENT_HANGUP_REQ:
    case PRI_EVENT_HANGUP:
        pri_hangup(end->pri, event->hangup.call, event->hangup.cause);
        break;
    case PRI_EVENT_HANGUP_ACK:
        released++;
        break;
    default:
        break;
    }
}

static void run(void) {
    struct end *ends[] = {&user, &network};
    for (int round = 0; round < ROUNDS && user.count + network.count; round++)
        for (int at = 0; at < 2; at++)
            while (ends[at]->count) {
                pri_event *event = pri_check_event(ends[at]->pri);
                if (event)
                    on_event(ends[at], event);
            }
}

static void be_silent(struct pri *pri, char *text) {
    (void)pri;
    (void)text;
}

int main(int argc, char **argv) {
    int calls = argc == 2 ? atoi(argv[1]) : 0;
    pri_set_message(be_silent);
    pri_set_error(be_silent);
    user.peer = &network;
    network.peer = &user;
    user.pri = pri_new_cb(0, PRI_CPE, PRI_SWITCH_EUROISDN_E1, read_frame, write_frame, &user);
    network.pri = pri_new_cb(0, PRI_NETWORK, PRI_SWITCH_EUROISDN_E1, read_frame, write_frame, &network);
    pri_hangup_fix_enable(user.pri, 1);
    pri_hangup_fix_enable(network.pri, 1);
    /* The first SABME waits for a timer. */
    for (int tries = 0; up < 2 && tries < 5000; tries++) {
        pri_schedule_run(user.pri);
        pri_schedule_run(network.pri);
        run();
    }
    for (int at = 0; at < calls; at++) {
        q931_call *call = pri_new_call(user.pri);
        struct pri_sr *request = pri_sr_new();
        pri_sr_set_channel(request, 1 + at % 15, 1, 0);
        pri_sr_set_bearer(request, PRI_TRANS_CAP_SPEECH, PRI_LAYER_1_ALAW);
        pri_sr_set_called(request, "4008001234", PRI_UNKNOWN, 1);
        pri_sr_set_caller(request, "2112345678", NULL, PRI_NATIONAL_ISDN, PRES_ALLOWED_NETWORK_NUMBER);
        pri_setup(user.pri, call, request);
        pri_sr_free(request);
        run();
    }
    printf("%d answered, %d released\n", answered, released);
    return up == 2 && answered == calls ? 0 : 1;
}
