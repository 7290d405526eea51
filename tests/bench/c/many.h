/* Samples for receivers on many channels: PROGRAM FILE CHANNELS BLOCKS
 *
 * FILE holds 16-bit samples, blocks of 80 by channel, and is begun again at its end. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { BLOCK = 80, MOST = 64 };

static int16_t *samples;
static int channels;
static long blocks, held;

/* 0, or what main returns. */
static int many_read(int argc, char **argv) {
    FILE *file = argc == 4 ? fopen(argv[1], "rb") : NULL;
    channels = argc == 4 ? atoi(argv[2]) : 0;
    blocks = argc == 4 ? atol(argv[3]) : 0;
    if (!file || channels < 1 || channels > MOST) {
        fprintf(stderr, "usage: %s FILE CHANNELS BLOCKS\n", argv[0]);
        return 2;
    }
    size_t size = (size_t)channels * BLOCK;
    do
        samples = realloc(samples, (size_t)(held + 1) * size * sizeof *samples);
    while (samples && fread(samples + (size_t)held * size, sizeof *samples, size, file) == size && ++held);
    if (!held)
        blocks = 0;
    return 0;
}

static const int16_t *many_block(long block, int channel) {
    return samples + ((size_t)(block % held) * (size_t)channels + (size_t)channel) * BLOCK;
}
