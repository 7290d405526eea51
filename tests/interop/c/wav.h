/* WAV files and G.711 A-law, written for the tests alone: shares nothing with the firmware it judges. */
#ifndef WAV_H
#define WAV_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define ALAW_SILENCE 0xD5

/* A whole file as linear samples, channels interleaved. */
struct wav {
    int channels;
    int rate_hz;
    size_t frames;
    int16_t *samples;
};

uint8_t alaw_of(int linear);
int16_t linear_of(uint8_t alaw);

/* Reads A-law or 16-bit PCM. 0, or -1 with the reason on stderr. A data chunk longer than the file ends with the file. */
int wav_read(const char *path, struct wav *wav);

/* Opens a mono A-law file for appending octets to; `wav_end` writes its length into the header and closes it. */
FILE *wav_begin(const char *path);
int wav_end(FILE *file);

#endif
