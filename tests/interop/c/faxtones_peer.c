/* Debian's spandsp as the other end of fax and modem tones: samples are 16 bits, the lower octet first, 8000 a second, on stdin or stdout.
 *
 *   faxtones_peer send KIND MS      sends so many milliseconds of it, then 500 ms of silence
 *   faxtones_peer read KIND         prints what is reported, in a line: spandsp's numbers
 *
 * KIND is spandsp's number of a tone; flags are sent by its V.21 modem. */
#include <spandsp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 80, MS = 8 };

static int write_samples(const int16_t *samples, int count) {
    return fwrite(samples, sizeof *samples, (size_t)count, stdout) == (size_t)count;
}

/* The lowest bit of each flag first. */
static int next_bit(void *user) {
    int *at = user;
    return 0x7E >> ((*at)++ % 8) & 1;
}

static int send_tone(int kind, int ms) {
    int16_t block[MS];
    int at = 0, sent = 1;
    modem_connect_tones_tx_state_t *tones = modem_connect_tones_tx_init(NULL, kind);
    fsk_tx_state_t *flags = fsk_tx_init(NULL, &preset_fsk_specs[FSK_V21CH2], next_bit, &at);
    if (!flags || (!tones && kind != MODEM_CONNECT_TONES_FAX_PREAMBLE))
        return 1;
    for (; sent && ms > -500; ms--) {
        memset(block, 0, sizeof block);
        if (ms > 0 && kind == MODEM_CONNECT_TONES_FAX_PREAMBLE)
            fsk_tx(flags, block, MS);
        else if (ms > 0)
            modem_connect_tones_tx(tones, block, MS);
        sent = write_samples(block, MS);
    }
    if (tones)
        modem_connect_tones_tx_free(tones);
    fsk_tx_free(flags);
    return !sent;
}

static void on_tone(void *user, int code, int level, int delay) {
    (void)user;
    (void)level;
    (void)delay;
    printf("%d ", code);
}

static int read_tones(int kind) {
    int16_t block[BLOCK];
    modem_connect_tones_rx_state_t *receiver = modem_connect_tones_rx_init(NULL, kind, on_tone, NULL);
    if (!receiver)
        return 1;
    for (size_t got; (got = fread(block, sizeof *block, BLOCK, stdin)) > 0;)
        modem_connect_tones_rx(receiver, block, (int)got);
    putchar('\n');
    modem_connect_tones_rx_free(receiver);
    return 0;
}

int main(int argc, char **argv) {
    int sends = argc == 4 && !strcmp(argv[1], "send");
    int reads = argc == 3 && !strcmp(argv[1], "read");
    if (!sends && !reads) {
        fprintf(stderr, "usage: faxtones_peer send KIND MS | read KIND\n");
        return 2;
    }
    return sends ? send_tone(atoi(argv[2]), atoi(argv[3])) : read_tones(atoi(argv[2]));
}
