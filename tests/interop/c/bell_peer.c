/* Debian's spandsp as the other end of Bell's MF (R1): samples are 16 bits, the lower octet first, 8000 a second, on stdin or stdout.
 *
 *   bell_peer send SIGNALS     sends these signals with its own times, then 100 ms of silence
 *   bell_peer read             prints the signals that are found, in a line
 *
 * Signals are spandsp's characters: 1 to 9, 0, then C A * B # for the eleventh to the fifteenth. */
#include <spandsp.h>
#include <stdio.h>
#include <string.h>

enum { BLOCK = 80, SILENCE = 10 };

static int send_signals(const char *signals) {
    int16_t block[BLOCK];
    bell_mf_tx_state_t *sender = bell_mf_tx_init(NULL);
    if (!sender || bell_mf_tx_put(sender, signals, -1))
        return 1;
    for (int got; (got = bell_mf_tx(sender, block, BLOCK)) > 0;)
        fwrite(block, sizeof *block, (size_t)got, stdout);
    memset(block, 0, sizeof block);
    for (int at = 0; at < SILENCE; at++)
        fwrite(block, sizeof *block, BLOCK, stdout);
    bell_mf_tx_free(sender);
    return 0;
}

static void on_signals(void *user, const char *signals, int count) {
    (void)user;
    printf("%.*s", count, signals);
}

static int read_signals(void) {
    int16_t block[BLOCK];
    bell_mf_rx_state_t *receiver = bell_mf_rx_init(NULL, on_signals, NULL);
    if (!receiver)
        return 1;
    for (size_t got; (got = fread(block, sizeof *block, BLOCK, stdin)) > 0;)
        bell_mf_rx(receiver, block, (int)got);
    putchar('\n');
    bell_mf_rx_free(receiver);
    return 0;
}

int main(int argc, char **argv) {
    int sends = argc == 3 && !strcmp(argv[1], "send");
    if (!sends && !(argc == 2 && !strcmp(argv[1], "read"))) {
        fprintf(stderr, "usage: bell_peer send SIGNALS | read\n");
        return 2;
    }
    return sends ? send_signals(argv[2]) : read_signals();
}
