/* spandsp's receivers of fax and modem tones on many channels: CNG, answering tones of all kinds, V.21 flags. Prints how many reports there
 * were. */
#include "many.h"

#include <spandsp.h>

enum { KINDS = 3 };

static const int kinds[KINDS] = {MODEM_CONNECT_TONES_FAX_CNG, MODEM_CONNECT_TONES_ANS_PR, MODEM_CONNECT_TONES_FAX_PREAMBLE};
static long reports;

static void on_tone(void *user, int code, int level, int delay) {
    (void)user;
    (void)level;
    (void)delay;
    reports += code != MODEM_CONNECT_TONES_NONE;
}

int main(int argc, char **argv) {
    int fault = many_read(argc, argv);
    if (fault)
        return fault;
    modem_connect_tones_rx_state_t *receivers[MOST][KINDS];
    for (int channel = 0; channel < channels; channel++)
        for (int kind = 0; kind < KINDS; kind++)
            receivers[channel][kind] = modem_connect_tones_rx_init(NULL, kinds[kind], on_tone, NULL);
    for (long block = 0; block < blocks; block++)
        for (int channel = 0; channel < channels; channel++)
            for (int kind = 0; kind < KINDS; kind++)
                modem_connect_tones_rx(receivers[channel][kind], many_block(block, channel), BLOCK);
    printf("%ld reports\n", reports);
    return 0;
}
