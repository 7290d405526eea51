/* Prints the DTMF digits that spandsp's receiver finds in a WAV file: one line a channel, `channel digits`.
 *
 *   dtmf_scan FILE.wav
 *
 * The receiver keeps its own defaults, so it is a judge that shares nothing with the firmware. */
#include "wav.h"

#include <spandsp.h>
#include <stdlib.h>

/* Every digit the receiver reports, in order; its own buffer holds 128 and forgets the rest. */
struct found {
    char *digits;
    size_t count, room;
};

static void on_digits(void *user, const char *digits, int len) {
    struct found *found = user;
    for (int at = 0; at < len; at++) {
        if (found->count + 1 >= found->room)
            found->digits = realloc(found->digits, found->room = 2 * found->room + 64);
        if (!found->digits)
            abort();
        found->digits[found->count++] = digits[at];
        found->digits[found->count] = 0;
    }
}

static int scan(const struct wav *wav, int channel) {
    struct found found = {0};
    dtmf_rx_state_t *receiver = dtmf_rx_init(NULL, on_digits, &found);
    int16_t block[160];
    if (!receiver)
        return -1;
    for (size_t at = 0; at < wav->frames;) {
        int filled = 0;
        for (; filled < 160 && at < wav->frames; at++)
            block[filled++] = wav->samples[at * (size_t)wav->channels + (size_t)channel];
        dtmf_rx(receiver, block, filled);
    }
    printf("%d %s\n", channel, found.digits ? found.digits : "");
    dtmf_rx_free(receiver);
    free(found.digits);
    return 0;
}

int main(int argc, char **argv) {
    struct wav wav;
    if (argc != 2) {
        fprintf(stderr, "usage: dtmf_scan FILE.wav\n");
        return 2;
    }
    if (wav_read(argv[1], &wav))
        return 1;
    if (wav.rate_hz != 8000) {
        fprintf(stderr, "%s: %d samples a second, 8000 wanted\n", argv[1], wav.rate_hz);
        return 1;
    }
    for (int channel = 0; channel < wav.channels; channel++)
        if (scan(&wav, channel))
            return 1;
    free(wav.samples);
    return 0;
}
