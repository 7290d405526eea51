/* spandsp's MFC/R2 receivers on many channels, of forward signals on the first half of them and of backward ones on the other. Prints how
 * many signals were found. */
#include "many.h"

#include <spandsp.h>

static long found;

static void on_signal(void *user, int code, int level, int delay) {
    (void)user;
    (void)level;
    (void)delay;
    found += code != 0;
}

int main(int argc, char **argv) {
    int fault = many_read(argc, argv);
    if (fault)
        return fault;
    r2_mf_rx_state_t *receivers[MOST];
    for (int channel = 0; channel < channels; channel++)
        receivers[channel] = r2_mf_rx_init(NULL, channel < channels / 2, on_signal, NULL);
    for (long block = 0; block < blocks; block++)
        for (int channel = 0; channel < channels; channel++)
            r2_mf_rx(receivers[channel], many_block(block, channel), BLOCK);
    printf("%ld signals\n", found);
    return 0;
}
