/* spandsp's call progress receivers on many channels. Each receiver looks for six tones. Prints how many were found. */
#include "many.h"

#include <spandsp.h>

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
    int fault = many_read(argc, argv);
    if (fault)
        return fault;
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
    for (long block = 0; block < blocks; block++)
        for (int channel = 0; channel < channels; channel++)
            super_tone_rx(receivers[channel], many_block(block, channel), BLOCK);
    printf("%ld tones\n", found);
    return 0;
}
