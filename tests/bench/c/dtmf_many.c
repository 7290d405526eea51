/* spandsp's DTMF receivers on many channels. Prints how many digits were found. */
#include "many.h"

#include <spandsp.h>

static long found;

static void on_digits(void *user, const char *digits, int len) {
    (void)user;
    (void)digits;
    found += len;
}

int main(int argc, char **argv) {
    int fault = many_read(argc, argv);
    if (fault)
        return fault;
    dtmf_rx_state_t *receivers[MOST];
    for (int channel = 0; channel < channels; channel++)
        receivers[channel] = dtmf_rx_init(NULL, on_digits, NULL);
    for (long block = 0; block < blocks; block++)
        for (int channel = 0; channel < channels; channel++)
            dtmf_rx(receivers[channel], many_block(block, channel), BLOCK);
    printf("%ld digits\n", found);
    return 0;
}
