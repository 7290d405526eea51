/* spandsp's call progress receivers on many channels: progress_many FILE CHANNELS BLOCKS
 *
 * FILE holds 16-bit samples, blocks of 80 by channel, and is begun again at its end. Each receiver looks for six tones. Prints how
 * many were found. */
#include <spandsp.h>
#include <stdio.h>
#include <stdlib.h>

enum { BLOCK = 80, MOST = 64 };

static long found;

static void on_tone(void *user, int code, int level, int delay) {
    (void)user;
    (void)level;
    (void)delay;
    found += code >= 0;
}

static void add(super_tone_rx_descriptor_t *tones, int first, int second, int on, int off) {
    int tone = super_tone_rx_add_tone(tones);
    /* Times to 15 %; a continuous tone is one of 1 s or more. */
    super_tone_rx_add_element(tones, tone, first, second, on ? on * 85 / 100 : 1000, on ? on * 115 / 100 : 0);
    if (on)
        super_tone_rx_add_element(tones, tone, 0, 0, off * 85 / 100, off * 115 / 100);
}

int main(int argc, char **argv) {
    FILE *file = argc == 4 ? fopen(argv[1], "rb") : NULL;
    int channels = argc == 4 ? atoi(argv[2]) : 0;
    long blocks = argc == 4 ? atol(argv[3]) : 0, held = 0;
    if (!file || channels < 1 || channels > MOST) {
        fprintf(stderr, "usage: progress_many FILE CHANNELS BLOCKS\n");
        return 2;
    }
    size_t size = (size_t)channels * BLOCK;
    int16_t *samples = NULL;
    do
        samples = realloc(samples, (size_t)(held + 1) * size * sizeof *samples);
    while (samples && fread(samples + (size_t)held * size, sizeof *samples, size, file) == size && ++held);
    super_tone_rx_descriptor_t *tones = super_tone_rx_make_descriptor(NULL);
    add(tones, 450, 0, 0, 0);
    add(tones, 450, 0, 350, 350);
    add(tones, 450, 0, 700, 700);
    add(tones, 450, 0, 1000, 4000);
    add(tones, 350, 440, 0, 0);
    add(tones, 480, 620, 500, 500);
    super_tone_rx_state_t *receivers[MOST];
    for (int channel = 0; channel < channels; channel++)
        receivers[channel] = super_tone_rx_init(NULL, tones, on_tone, NULL);
    for (long block = 0; held && block < blocks; block++)
        for (int channel = 0; channel < channels; channel++)
            super_tone_rx(receivers[channel], samples + (size_t)(block % held) * size + (size_t)channel * BLOCK, BLOCK);
    printf("%ld tones\n", found);
    return 0;
}
