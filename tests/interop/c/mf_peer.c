/* Debian's spandsp as the other end of R2 register signals: samples are 16 bits, the lower octet first, 8000 a second, on stdin or stdout.
 *
 *   mf_peer send forward|backward ON_MS OFF_MS SIGNALS     sends these signals, OFF_MS of silence before each and after the last
 *   mf_peer read forward|backward                          prints the signals that are found, in a line
 *
 * Signals are spandsp's characters: 1 to 9, 0 for the tenth, B to F for the eleventh to the fifteenth. */
#include <spandsp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 80, MS = 8 };

static void send_tone(r2_mf_tx_state_t *sender, char signal, int ms) {
    int16_t block[MS];
    r2_mf_tx_put(sender, signal);
    for (; ms > 0; ms--) {
        r2_mf_tx(sender, block, MS);
        fwrite(block, sizeof *block, MS, stdout);
    }
}

static int send_signals(int forward, int on_ms, int off_ms, const char *signals) {
    r2_mf_tx_state_t *sender = r2_mf_tx_init(NULL, forward);
    if (!sender)
        return 1;
    send_tone(sender, 0, off_ms);
    for (; *signals; signals++) {
        send_tone(sender, *signals, on_ms);
        send_tone(sender, 0, off_ms);
    }
    r2_mf_tx_free(sender);
    return 0;
}

static void on_signal(void *user, int code, int level, int delay) {
    (void)user;
    (void)level;
    (void)delay;
    if (code)
        putchar(code);
}

static int read_signals(int forward) {
    int16_t block[BLOCK];
    r2_mf_rx_state_t *receiver = r2_mf_rx_init(NULL, forward, on_signal, NULL);
    if (!receiver)
        return 1;
    for (size_t got; (got = fread(block, sizeof *block, BLOCK, stdin)) > 0;)
        r2_mf_rx(receiver, block, (int)got);
    putchar('\n');
    r2_mf_rx_free(receiver);
    return 0;
}

int main(int argc, char **argv) {
    int sends = argc == 6 && !strcmp(argv[1], "send");
    int reads = argc == 3 && !strcmp(argv[1], "read");
    int forward = argc > 2 && !strcmp(argv[2], "forward");
    if ((!sends && !reads) || (!forward && strcmp(argv[2], "backward"))) {
        fprintf(stderr, "usage: mf_peer send forward|backward ON_MS OFF_MS SIGNALS | read forward|backward\n");
        return 2;
    }
    return sends ? send_signals(forward, atoi(argv[3]), atoi(argv[4]), argv[5]) : read_signals(forward);
}
