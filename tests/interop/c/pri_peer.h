/* What the parts of pri_peer share: its calls, what they sound like, what is told of them. */
#ifndef PRI_PEER_H
#define PRI_PEER_H

#include <libpri.h>
#include <stdint.h>
#include <stdio.h>

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

/* What calls of the box meet. */
struct manners {
    char what[TEXT], play[TEXT], record[TEXT], connected[TEXT];
    int cause, taken_channel, overlap_digits;
};

extern struct pri *pri;
extern struct call calls[CALLS];
extern struct manners incoming;
extern int audio_socket, is_network;

/* pri_calls.c: events, as lines of JSON on stdout */
void put_text(const char *key, const char *text);
void begin(const char *event, const struct call *call);
void end(void);
void tell(const char *event, const struct call *call);
void complain(const char *what, const char *about);

/* pri_calls.c: calls and their audio */
struct call *by_id(int id);
struct call *by_libpri(q931_call *libpri);
struct call *add(q931_call *libpri, int id, int channel);
void play(struct call *call, const char *path);
void play_dtmf(struct call *call, const char *digits, int on_ms, int off_ms);
void talk(struct call *call);
void forget(struct call *call);
void send_block(struct call *call);
void take_audio(void);

/* pri_events.c: what libpri tells */
void on_event(pri_event *event);
void send_overlap(struct call *call);

#endif
