/* speexdsp's echo cancellers of 128 ms on many lines: channels 2 n and 2 n + 1 are the far and the near end of line n. They take two blocks
 * at once, as they cost less so. Prints the energy left. */
#include "many.h"

#include <speex/speex_echo.h>
#include <string.h>

enum { TAPS = 1024, FRAME = 2 * BLOCK };

static void frame(long block, int channel, int16_t *samples) {
    memcpy(samples, many_block(block, channel), BLOCK * sizeof *samples);
    memcpy(samples + BLOCK, many_block(block + 1, channel), BLOCK * sizeof *samples);
}

int main(int argc, char **argv) {
    int fault = many_read(argc, argv);
    if (fault)
        return fault;
    SpeexEchoState *cancellers[MOST / 2];
    int lines = channels / 2, rate = 8000;
    for (int line = 0; line < lines; line++) {
        cancellers[line] = speex_echo_state_init(FRAME, TAPS);
        speex_echo_ctl(cancellers[line], SPEEX_ECHO_SET_SAMPLING_RATE, &rate);
    }
    double energy = 0;
    for (long block = 0; block + 1 < blocks; block += 2)
        for (int line = 0; line < lines; line++) {
            int16_t far[FRAME], near[FRAME], left[FRAME];
            frame(block, 2 * line, far);
            frame(block, 2 * line + 1, near);
            speex_echo_cancellation(cancellers[line], near, far, left);
            for (int at = 0; at < FRAME; at++)
                energy += (double)left[at] * left[at];
        }
    printf("%.0f\n", energy);
    return 0;
}
