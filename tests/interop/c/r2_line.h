/* The DAHDI channels that openr2 believes it drives: CAS bits, audio and the clock come from the test, 10 ms at a time. */
#ifndef R2_LINE_H
#define R2_LINE_H

#include <stdint.h>

enum { BLOCK = 80, MOST_CHANNELS = 30 };

/* Opens this many channels; they are told apart by the descriptors that `line_fd` gives. */
void line_open(int channels);
int line_fd(int channel);

/* The next 10 ms: the clock goes on, what the far end sends on a channel comes in; what openr2 sends goes out. */
void line_clock(void);
void line_in(int channel, uint8_t bits, const uint8_t audio[BLOCK]);
void line_out(int channel, uint8_t *bits, uint8_t audio[BLOCK]);
void line_alarm(int channel, int on);

#endif
