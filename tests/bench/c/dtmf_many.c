/* spandsp's DTMF receivers on many channels: dtmf_many FILE CHANNELS BLOCKS
 *
 * FILE holds 16-bit samples, blocks of 80 by channel, and is begun again at its end. Prints how many digits were found. */
#include <spandsp.h>
#include <stdio.h>
#include <stdlib.h>

enum { BLOCK = 80, MOST = 64 };

static long found;

static void on_digits(void *user, const char *digits, int len) {
    (void)user;
    (void)digits;
    found += len;
}

int main(int argc, char **argv) {
    FILE *file = argc == 4 ? fopen(argv[1], "rb") : NULL;
    int channels = argc == 4 ? atoi(argv[2]) : 0;
    long blocks = argc == 4 ? atol(argv[3]) : 0, held = 0;
    if (!file || channels < 1 || channels > MOST) {
        fprintf(stderr, "usage: dtmf_many FILE CHANNELS BLOCKS\n");
        return 2;
    }
    size_t size = (size_t)channels * BLOCK;
    int16_t *samples = NULL;
    do
        samples = realloc(samples, (size_t)(held + 1) * size * sizeof *samples);
    while (samples && fread(samples + (size_t)held * size, sizeof *samples, size, file) == size && ++held);
    dtmf_rx_state_t *receivers[MOST];
    for (int channel = 0; channel < channels; channel++)
        receivers[channel] = dtmf_rx_init(NULL, on_digits, NULL);
    for (long block = 0; held && block < blocks; block++)
        for (int channel = 0; channel < channels; channel++)
            dtmf_rx(receivers[channel], samples + (size_t)(block % held) * size + (size_t)channel * BLOCK, BLOCK);
    printf("%ld digits\n", found);
    return 0;
}
