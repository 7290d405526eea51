/* spandsp's caller id receivers on many channels, Bell 202 on the even ones and V.23 on the odd ones. Prints how many messages were found. */
#include "many.h"

#include <spandsp.h>

static long found;

static void on_message(void *user, const uint8_t *message, int len) {
    (void)user;
    (void)message;
    found += len > 0;
}

int main(int argc, char **argv) {
    int fault = many_read(argc, argv);
    if (fault)
        return fault;
    adsi_rx_state_t *receivers[MOST];
    for (int channel = 0; channel < channels; channel++)
        receivers[channel] =
            adsi_rx_init(NULL, channel % 2 ? ADSI_STANDARD_CLIP : ADSI_STANDARD_CLASS, on_message, NULL);
    for (long block = 0; block < blocks; block++)
        for (int channel = 0; channel < channels; channel++)
            adsi_rx(receivers[channel], many_block(block, channel), BLOCK);
    printf("%ld messages\n", found);
    return 0;
}
